/** The decoder under fire: mutations of valid frames and of known attacks, 100,000 of them, or a million by `npm run fuzz`. */

import { expect } from 'chai';
import { ATTACKS } from '../../support/attacks.ts';
import { mutated, numbersFrom, RUNS, SEED } from '../../support/mutation.ts';
import { sealed } from '../../support/pollution.ts';
import { decoded } from './under-fire.ts';
import { codec, validFrames } from './valid-frames.ts';

/** Memory that the process may ever have had more than before, in KiB: inputs are a few kB, and their values collected. */
const MOST_MEMORY = 256 * 1_024;

type Below = (below: number) => number;

/** Decodes `runs` inputs, each made of chance by `next`. */
function fire(next: (number: Below) => Uint8Array, runs: number, seed: number): { returned: number; refused: number } {
	const number = numbersFrom(seed);
	const tally = { returned: 0, refused: 0 };
	const whole = sealed();
	const before = process.resourceUsage().maxRSS;
	for (let run = 0; run < runs; run++) {
		const { refused, value } = decoded(next(number));
		if (refused) tally.refused++;
		else tally.returned++;
		if (run % 10 === 0 && !refused) codec.copy(value); // whatever was let in can go on
		if (run % 1_000 === 0) whole();
	}
	whole();
	expect(process.resourceUsage().maxRSS - before, 'KiB').to.be.below(MOST_MEMORY);
	return tally;
}

describe(`the decoder under fire, ${RUNS} times`, () => {
	it('survives mutations of valid frames and of known attacks', () => {
		const frames = [...validFrames(), ...Object.values(ATTACKS)];
		const { returned, refused } = fire((number) => mutated(frames, number), RUNS, SEED);
		// If nearly all were refused at once, the mutations would test the guard's first lines only.
		expect(returned).to.be.above(RUNS / 6);
		expect(refused).to.be.above(RUNS / 6);
	}).timeout(60_000 + RUNS);

	it('survives mutations of known attacks among themselves', () => {
		const attacks = Object.values(ATTACKS).filter(({ length }) => length > 0);
		const { returned, refused } = fire((number) => mutated(attacks, number), RUNS / 5, SEED + 1);
		expect(refused).to.be.above(returned);
		expect(returned).to.be.above(0);
	}).timeout(60_000 + RUNS);

	it('survives what is no mutation of anything, plain and as what our own tags hold', () => {
		const any = (number: Below): Uint8Array => Uint8Array.from({ length: number(40) }, () => number(256));
		const tagged = (number: Below): Uint8Array => Uint8Array.from([0xd9, 0xd4, number(24), ...any(number)]);
		expect(fire(any, RUNS / 2, SEED + 2).returned).to.be.above(0);
		expect(fire(tagged, RUNS / 2, SEED + 3).refused).to.be.above(0);
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
