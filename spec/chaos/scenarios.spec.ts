import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ScoreKeeper, union } from '../../chaos/node/score.ts';
import { type Outcome, type Play, play } from '../../chaos/scenario.ts';
import { nodeKill } from '../../chaos/scenarios/node-kill.ts';
import { serverKill } from '../../chaos/scenarios/server-kill.ts';
import { SCENARIOS } from '../../chaos/scenarios.ts';
import { reckon } from '../../chaos/stage/reckoning.ts';
import { SABOTAGES } from '../../chaos/stage/sabotage.ts';

const MAIN = fileURLToPath(new URL('../../chaos/main.js', import.meta.url));

/** Plays it as `npm run chaos` does. */
function played(run: (play: Play) => Promise<void>): Promise<Outcome> {
	const conditions = { minutes: 1, sends: 1_000, say: () => {}, signal: new AbortController().signal };
	return play({ name: 'of the specs', what: 'a short one', run }, conditions);
}

/** What the command says of itself. */
async function command(...args: readonly string[]): Promise<{ code: number; found: { outcomes: readonly Outcome[] } }> {
	const chaos = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
	const [said, [code]] = await Promise.all([text(chaos.stdout), once(chaos, 'exit')]);
	return { code, found: JSON.parse(said) };
}

describe('npm run chaos', () => {
	it('finds nothing lost, doubled or out of order when the sole server is killed', async () => {
		const { broken, figures } = await played((it) => serverKill(it, [1], [1_000]));
		expect(broken).to.deep.equal([]);
		expect(figures).to.have.lengthOf(1);
	}).timeout(60_000);

	it('finds that watchers are told, asks fail and IDs are free when a node is killed', async () => {
		const { broken, figures } = await played((it) => nodeKill(it, 1));
		expect(broken).to.deep.equal([]);
		expect(figures).to.have.lengthOf(2);
	}).timeout(60_000);

	for (const [scenario, without, promise] of [
		['zombie', 'fence', 'the holder acts after it has lost the ID'],
		['name-race', 'claims', 'names with several winners'],
	] as const) {
		it(`finds ${scenario} broken, and says so with its exit code, when '${without}' is switched off`, async () => {
			const { code, found } = await command('--scenario', scenario, '--break', without, '--json');
			expect(code).to.equal(1);
			expect(found.outcomes[0]?.broken.join()).to.include(promise);
		}).timeout(120_000);
	}

	it('has each scenario broken by the lack of one safeguard at least', () => {
		const broken = Object.values(SABOTAGES).flatMap(({ breaks }) => breaks);
		expect(new Set(broken)).to.deep.equal(new Set(SCENARIOS.map(({ name }) => name)));
	});

	it('calls a scenario broken whose invariant does not hold, or that ends with an error', async () => {
		const judged = await played(async (it) => it.complete('title', { ...reckon([], [], []), lost: 1, doubled: 2 }));
		expect(judged.broken).to.deep.equal(['title: lost: 1, and not 0', 'title: doubled: 2, and not 0']);
		const failed = await played(() => Promise.reject(new Error('no server')));
		expect(failed.broken).to.deep.equal(['it ends without an error: no server, and not undefined']);
	});
});

describe('the reckoning of the chaos', () => {
	/** What a process has to say of the numbers that it handled, in this order. */
	const handled = (numbers: readonly number[], actor = 'a') => {
		const keeper = new ScoreKeeper();
		for (const number of numbers) keeper.take(number, 0);
		return keeper.score(actor, 's');
	};
	const sent = (count: number) => ({ stream: 's', numbers: { a: count }, open: 0, answered: 0, failed: {} });
	const verdict = (count: number, ...runs: readonly (readonly number[])[]) => {
		const { lost, doubled, disorder } = reckon(
			[sent(count)],
			runs.map((numbers) => handled(numbers)),
			[],
		);
		return { lost, doubled, disorder };
	};

	it('finds nothing where every number was handled once and in order', () => {
		expect(verdict(4, [0, 1, 2, 3])).to.deep.equal({ lost: 0, doubled: 0, disorder: 0 });
	});

	it('finds what was lost, in between and at the end', () => {
		expect(verdict(6, [0, 2, 3])).to.deep.equal({ lost: 3, doubled: 0, disorder: 0 });
	});

	it('finds what was handled twice, by one process or by two', () => {
		expect(verdict(4, [0, 1, 1, 2, 3])).to.include({ lost: 0, doubled: 1 });
		expect(verdict(4, [0, 1, 2, 3, 0])).to.include({ lost: 0, doubled: 1 });
		expect(verdict(4, [0, 1, 2], [1, 2, 3])).to.include({ lost: 0, doubled: 2 });
	});

	it('finds what came late, and does not take it for lost or doubled', () => {
		expect(verdict(4, [0, 2, 1, 3])).to.deep.equal({ lost: 0, doubled: 0, disorder: 1 });
		expect(verdict(5, [0, 3, 4, 1, 2])).to.deep.equal({ lost: 0, doubled: 0, disorder: 1 });
		expect(union([handled([4, 0, 2])])).to.deep.equal({ different: 3, shared: 0 });
	});

	it('keeps the streams of several actors apart', () => {
		const both = [handled([0, 1]), handled([0, 1, 2], 'b')];
		const { lost, doubled } = reckon([{ ...sent(2), numbers: { a: 2, b: 3 } }], both, []);
		expect({ lost, doubled }).to.deep.equal({ lost: 0, doubled: 0 });
	});

	it('finds what the books of the nodes cannot account for', () => {
		const books = [
			{ sent: 10, handled: 4, deadLetters: { stopped: 1 }, pending: 1 },
			{ sent: 0, handled: 2, deadLetters: { stopped: 1 }, pending: 0 },
		];
		const { unaccounted, dead, pending, deadLetters } = reckon([], [], books);
		expect({ unaccounted, dead, pending, deadLetters }).to.deep.equal({
			unaccounted: 1,
			dead: 2,
			pending: 1,
			deadLetters: { stopped: 2 },
		});
	});
});
