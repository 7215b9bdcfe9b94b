/** The decoder under fire: mutations of valid frames and of known attacks, 100,000 of them, or a million by `npm run fuzz`. */

import { expect } from 'chai';
import { isTroupeError } from '../../../runtime/core/errors.ts';
import { ATTACKS } from '../../support/attacks.ts';
import { mutated, numbersFrom, RUNS, SEED } from '../../support/mutation.ts';
import { sealed } from '../../support/pollution.ts';
import { codec, validFrames } from './valid-frames.ts';

/** Longer than this is a stall, if it is so three times: the machine may be busy. */
const STALL_MS = 50;
/** Memory that the process may ever have had more than before, in KiB: inputs are a few kB, and their values collected. */
const MOST_MEMORY = 256 * 1_024;

/** What came of it: a value, or the only error there may be. */
function decoded(bytes: Uint8Array): { readonly refused: boolean; readonly value?: unknown } {
	let fastest = Number.POSITIVE_INFINITY;
	for (let attempt = 0; attempt < 3; attempt++) {
		const start = performance.now();
		let outcome: ReturnType<typeof decoded>;
		try {
			outcome = { refused: false, value: codec.decode(bytes) };
		} catch (error) {
			if (!isTroupeError(error) || error.code !== 'ERR_MALFORMED')
				throw new Error(`something else was thrown for ${Buffer.from(bytes).toString('hex')}`, { cause: error });
			outcome = { refused: true };
		}
		fastest = Math.min(fastest, performance.now() - start);
		if (fastest < STALL_MS) return outcome;
	}
	throw new Error(`a stall of ${fastest} ms for ${Buffer.from(bytes).toString('hex').slice(0, 600)}`);
}

function fire(seeds: readonly Uint8Array[], runs: number, seed: number): { returned: number; refused: number } {
	const number = numbersFrom(seed);
	const tally = { returned: 0, refused: 0 };
	const whole = sealed();
	const before = process.resourceUsage().maxRSS;
	for (let run = 0; run < runs; run++) {
		const bytes = mutated(seeds, number);
		const { refused, value } = decoded(bytes);
		if (refused) tally.refused++;
		else tally.returned++;
		if (run % 50 === 0 && !refused) codec.copy(value); // whatever was let in can go on
		if (run % 1_000 === 0) whole();
	}
	whole();
	expect(process.resourceUsage().maxRSS - before, 'KiB').to.be.below(MOST_MEMORY);
	return tally;
}

describe('the decoder under fire', () => {
	it(`survives ${RUNS} mutations of valid frames and of known attacks`, () => {
		const { returned, refused } = fire([...validFrames(), ...Object.values(ATTACKS)], RUNS, SEED);
		// If nearly all were refused at once, the mutations would test the guard's first lines only.
		expect(returned).to.be.above(RUNS / 6);
		expect(refused).to.be.above(RUNS / 6);
	}).timeout(60_000 + RUNS);

	it(`survives ${RUNS / 5} mutations of known attacks among themselves`, () => {
		const { returned, refused } = fire(
			Object.values(ATTACKS).filter(({ length }) => length > 0),
			RUNS / 5,
			SEED + 1,
		);
		expect(refused).to.be.above(returned);
		expect(returned).to.be.above(0);
	}).timeout(60_000 + RUNS);

	it('refuses most of the known attacks as they are, and makes something harmless of the others', () => {
		const harmless = Object.entries(ATTACKS).filter(([, bytes]) => !decoded(bytes).refused);
		expect(harmless.map(([name]) => name)).to.deep.equal([
			'an error of a name that is a class',
			'a prototype as a key',
			'a prototype as a key of an object in our form',
			'a constructor with a prototype',
			'a value that looks like a promise',
			'a toString that is none',
			'a toJSON that is none',
			'a length that lies',
			'nesting at the limit',
			'a bignum at the limit',
			'text that is no UTF-8',
			'keys twice the same',
			'many small errors',
		]);
	});
});
