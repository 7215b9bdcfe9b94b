/** The tasks of `isolation.spec.ts`: each runs in a thread with a cbor-x of its own, which it may spoil. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import * as cbor from 'cbor-x';
import fc from 'fast-check';
import { anyValue } from './values.ts';

export type Task = 'only cbor-x' | 'an app with extensions' | 'an app that nests' | 'any values' | 'bytes';

/** What an app may encode with cbor-x, special values among it. */
export function appValues(): unknown[] {
	const error = new TypeError('x');
	const binaries = [Buffer.from('b'), Uint8Array.of(1), Float64Array.of(1), new ArrayBuffer(2)];
	return [
		{ a: 1, list: [1, 'b', null] },
		new Date(5),
		new Map([[1, 2]]),
		new Set([1]),
		error,
		/x/g,
		2n ** 70n,
		...binaries,
	];
}

async function run(task: Task): Promise<unknown> {
	if (task === 'only cbor-x') return appValues().map((value) => cbor.encode(value).toString('hex'));

	const { Codec } = await import('../../../runtime/codec/codec.ts');
	const codec = new Codec();
	const values = [
		...fc.sample(anyValue, { numRuns: 300, seed: 1 }),
		new Set([new Map([[new Date(5), -0]])]),
		{ 1023: '\ud800' },
	];
	const frames = values.map((value) => codec.encode(value));
	switch (task) {
		case 'an app with extensions':
			spoil();
			for (const [i, value] of values.entries()) {
				assert.deepStrictEqual(codec.encode(value), frames[i]);
				assert.deepStrictEqual(codec.decode(frames[i] as Uint8Array), value);
			}
			return 'nothing changed';
		case 'an app that nests': {
			class Envelope {}
			const decode = (bytes: Uint8Array) => codec.decode(bytes);
			cbor.addExtension({ Class: Envelope, tag: 40_500, encode: () => frames[0] as Uint8Array, decode } as never);
			const frame = (bytes: Uint8Array) =>
				cbor.encode([1, new cbor.Tag(Buffer.from(bytes), 40_500), 'x'.repeat(100), 2]);
			for (const [i, value] of values.entries()) {
				assert.deepStrictEqual(cbor.decode(frame(frames[i] as Uint8Array)), [1, value, 'x'.repeat(100), 2]);
			}
			return 'nothing changed';
		}
		case 'any values':
			for (const [i, value] of values.entries()) assert.deepStrictEqual(codec.decode(frames[i] as Uint8Array), value);
			return { native: cbor.isNativeAccelerationEnabled, result: 'all arrived' };
		default:
			return createHash('sha256').update(Buffer.concat(frames)).digest('hex');
	}
}

/** Extensions that change how every special value is written, and how every standard tag is read. */
function spoil(): void {
	const wrong = { encode: () => 'spoiled', decode: () => 'spoiled' };
	for (const [i, Class] of [Date, Set, Map, Error, RegExp, Float64Array].entries()) {
		cbor.addExtension({ Class, tag: 50_000 + i, ...wrong } as never);
	}
	for (const tag of [0, 1, 2, 3, 27, 28, 64, 86, 258, 259])
		cbor.addExtension({ tag, decode: () => 'spoiled' } as never);
}

parentPort?.postMessage(await run(workerData as Task));
