import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { encode } from 'cbor-x';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Codec } from '../../../runtime/codec/codec.ts';
import { appValues, type Task } from './isolation-worker.ts';

/** Runs a task of `isolation-worker.ts` in a thread of its own, where cbor-x is loaded anew. */
async function inThread(task: Task, env: NodeJS.ProcessEnv = process.env): Promise<unknown> {
	const worker = new Worker(new URL('./isolation-worker.js', import.meta.url), { workerData: task, env });
	const [result] = await once(worker, 'message');
	return result;
}

describe('an app that uses cbor-x itself', () => {
	it('gets the same bytes and values as if Troupe were not there', async () => {
		const codec = new Codec();
		for (const value of appValues()) if (!(value instanceof RegExp)) codec.copy(value);
		const here = appValues().map((value) => encode(value).toString('hex'));
		assert.deepStrictEqual(here, await inThread('only cbor-x'));
	});

	it('does not change what Troupe sends and receives, whatever extensions it adds', async () => {
		expect(await inThread('an app with extensions')).to.equal('nothing changed');
	});

	it('may decode with Troupe from inside a decoding of its own', async () => {
		expect(await inThread('an app that nests')).to.equal('nothing changed');
	});
});

describe('a machine without the native addon of cbor-x', () => {
	it('sends the same bytes and understands them', async () => {
		const env = { ...process.env, CBOR_NATIVE_ACCELERATION_DISABLED: 'true' };
		expect(await inThread('any values', env)).to.deep.equal({ native: false, result: 'all arrived' });
		expect(await inThread('bytes', env)).to.equal(await inThread('bytes'));
	});
});
