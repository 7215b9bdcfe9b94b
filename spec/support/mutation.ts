/** Bytes that were valid once: what a fuzzer feeds to whoever reads bytes from strangers. Reproducible by the seed. */

/**
 * How many inputs a fuzzing spec tries: 100,000, or as many as TROUPE_FUZZ says (`npm run fuzz`: a million). Another seed
 * by TROUPE_FUZZ_SEED.
 */
export const RUNS = Number(process.env['TROUPE_FUZZ'] ?? 100_000);
export const SEED = Number(process.env['TROUPE_FUZZ_SEED'] ?? 20_260_101);

/** A small generator of the same numbers every time (mulberry32). */
export function numbersFrom(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % below;
	};
}

/** Bytes with which CBOR begins something. */
const HEADS = [
	0x1b, 0x5a, 0x7a, 0x9a, 0xba, 0x9f, 0xbf, 0xff, 0xd9, 0xd8, 0xda, 0xf7, 0xf9, 0xfb, 0x80, 0xa0, 0xa1, 0x81,
];

/** One of `frames`, changed in up to three places, or mixed with another. */
export function mutated(frames: readonly Uint8Array[], number: (below: number) => number): Uint8Array {
	const pick = () => frames[number(frames.length)] as Uint8Array;
	let bytes: Uint8Array = Uint8Array.from(pick());
	for (let times = 1 + number(3); times > 0; times--) {
		const at = number(bytes.length);
		const end = at + number(bytes.length - at);
		switch (number(7)) {
			case 0:
				bytes[at] = (bytes[at] as number) ^ (1 << number(8));
				break;
			case 1:
				bytes[at] = number(256);
				break;
			case 2:
				bytes[at] = HEADS[number(HEADS.length)] as number;
				break;
			case 3:
				bytes = bytes.slice(0, at + 1);
				break;
			case 4:
				bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
				break;
			case 5:
				bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
				break;
			default:
				bytes = Buffer.concat([bytes.subarray(0, at), pick(), bytes.subarray(end)]);
		}
		if (bytes.length === 0) break;
	}
	return bytes;
}
