/** The tasks of `isolation.spec.ts`: each runs in a thread with a cbor-x of its own, which it may spoil. */

import { parentPort, workerData } from 'node:worker_threads';
import * as cbor from 'cbor-x';

/** What a thread does with the frames: encodes values of an app, or decodes the frames and encodes them again. */
export interface Task {
	readonly as: 'only cbor-x' | 'an app with extensions' | 'an app that nests' | 'just so';
	readonly frames: readonly Uint8Array[];
}

/** What it reports. */
export interface Report {
	readonly native: boolean;
	readonly frames: readonly Uint8Array[];
}

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

async function run({ as, frames }: Task): Promise<readonly Uint8Array[]> {
	if (as === 'only cbor-x') return appValues().map((value) => Uint8Array.from(cbor.encode(value)));

	const { Codec } = await import('../../../runtime/codec/codec.ts');
	const codec = new Codec();
	if (as === 'an app with extensions') spoil();
	if (as !== 'an app that nests') return frames.map((frame) => codec.encode(codec.decode(frame)));

	const tag = 40_500;
	cbor.addExtension({ tag, decode: (bytes: Uint8Array) => codec.decode(bytes) } as never);
	const nested = (frame: Uint8Array) => cbor.encode([1, new cbor.Tag(Buffer.from(frame), tag), 'x'.repeat(100), 2]);
	return frames.map((frame) => {
		const around = cbor.decode(nested(frame)) as [number, unknown, string, number];
		return around[0] + around[2].length + around[3] === 103 ? codec.encode(around[1]) : Uint8Array.of();
	});
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

if (parentPort !== null) {
	const report: Report = { native: cbor.isNativeAccelerationEnabled, frames: await run(workerData as Task) };
	parentPort.postMessage(report);
}
