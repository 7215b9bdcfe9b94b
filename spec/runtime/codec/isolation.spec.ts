import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { encode } from 'cbor-x';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Codec } from '../../../runtime/codec/codec.ts';
import { appValues, type Report, type Task } from './isolation-worker.ts';
import { anyValue } from './values.ts';

const codec = new Codec();
const special = {
	at: new Date(5),
	set: new Set([new Map([[-0, 2n ** 70n]])]),
	1023: '\ud800',
	error: new TypeError('x'),
};
const frames = [special, ...fc.sample(anyValue, { numRuns: 300, seed: 1 })].map((value) => codec.encode(value));

/** What a thread, with a cbor-x of its own, makes of the frames. */
async function inThread(as: Task['as'], env: NodeJS.ProcessEnv = process.env): Promise<Report> {
	const task: Task = { as, frames };
	const worker = new Worker(new URL('./isolation-worker.js', import.meta.url), { workerData: task, env });
	const [report] = await once(worker, 'message');
	return report;
}

function assertSame(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
	const inHex = (list: readonly Uint8Array[]) => list.map((bytes) => Buffer.from(bytes).toString('hex'));
	assert.deepStrictEqual(inHex(actual), inHex(expected));
}

describe('an app that uses cbor-x itself', () => {
	it('gets the same bytes as if Troupe were not there', async () => {
		for (const value of appValues()) if (!(value instanceof RegExp)) codec.copy(value);
		const here = appValues().map((value) => encode(value));
		assertSame(here, (await inThread('only cbor-x')).frames);
	});

	it('keeps the bytes that it was given, whatever Troupe encodes afterwards', () => {
		const encoded: [Uint8Array, string][] = [];
		for (let i = 0; i < 300; i++) {
			const bytes = encode({ i, text: 'app'.repeat(i) });
			encoded.push([bytes, bytes.toString('hex')]);
			codec.encode({ i, text: 'troupe'.repeat(i % 3 === 0 ? 5000 : i) });
		}
		for (const [bytes, hex] of encoded) expect(Buffer.from(bytes).toString('hex')).to.equal(hex);
	});

	it('does not change what Troupe sends and receives, whatever extensions it adds', async () => {
		assertSame((await inThread('an app with extensions')).frames, frames);
	});

	it('may decode with Troupe from inside a decoding of its own', async () => {
		assertSame((await inThread('an app that nests')).frames, frames);
	});
});

describe('a machine without the native addon of cbor-x', () => {
	it('understands the same bytes, and sends the same', async () => {
		const report = await inThread('just so', { ...process.env, CBOR_NATIVE_ACCELERATION_DISABLED: 'true' });
		expect(report.native).to.equal(false);
		assertSame(report.frames, frames);
	});
});
