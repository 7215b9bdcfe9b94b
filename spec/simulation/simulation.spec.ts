import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { MUTANTS, withMutantOf } from './mutants.ts';
import type { Outcome } from './simulate.ts';
import { simulate } from './simulate.ts';

const COMMAND = fileURLToPath(new URL('main.js', import.meta.url));
const SEEDS = 200;

/** Runs the command in a process of its own. */
function run(command: string, ...options: readonly string[]): Promise<readonly Outcome[]> {
	const words = [command, '--json', '--seeds', String(SEEDS), ...options];
	return new Promise((resolve, reject) => {
		execFile(process.execPath, words, { maxBuffer: 2 ** 24 }, (error, output, complaints) => {
			if (output === '') reject(error ?? new Error(complaints));
			else resolve((JSON.parse(output) as { outcomes: Outcome[] }).outcomes);
		});
	});
}

describe('a simulated cluster', function () {
	// In virtual time a minute passes in a tenth of a second; this is for machines that do something else besides.
	this.timeout(300_000);

	it(`keeps every promise in ${SEEDS} runs of bad weather`, async () => {
		const outcomes = await run(COMMAND);
		expect(outcomes.filter(({ broken }) => broken)).to.deep.equal([]);
		expect(outcomes).to.have.lengthOf(SEEDS);
		expect(Math.min(...outcomes.map(({ handled }) => handled))).to.be.above(0);
	});

	it('does the same again for the same seed, event by event', async () => {
		const stories = [1, 2].map(() => [] as string[]);
		for (const story of stories) await simulate(7, (line) => story.push(line));
		expect(stories[0]).to.have.length.above(100);
		expect(stories[1]).to.deep.equal(stories[0]);
	});

	for (const mutant of Object.keys(MUTANTS)) {
		it(`would be caught if it were one that ${mutant}`, async () => {
			const outcomes = await withMutantOf(mutant, (command) => run(command, '--until-broken'));
			expect(outcomes.at(-1)?.broken).to.not.equal(undefined);
		});
	}
});
