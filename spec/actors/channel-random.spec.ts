/**
 * Any number of senders and receivers at one channel, on any of three nodes, each in its own way: every value is received once,
 * and those of one sender in the order sent; what a timeout or a choice took back was not sent.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { type ActorSystem, type Channel, select } from '../../index.ts';
import { Lab } from '../support/lab.ts';

const SENDING = ['send', 'try', 'timed', 'select', 'at once'] as const;
const RECEIVING = ['receive', 'loop', 'try', 'timed', 'select'] as const;

interface Plan {
	readonly capacity: number;
	readonly redeliver: boolean;
	readonly durable: boolean;
	readonly home: number;
	readonly senders: readonly {
		readonly node: number;
		readonly how: (typeof SENDING)[number];
		readonly count: number;
	}[];
	readonly receivers: readonly { readonly node: number; readonly how: (typeof RECEIVING)[number] }[];
}

const node = fc.integer({ min: 0, max: 2 });
const plans: fc.Arbitrary<Plan> = fc.record({
	capacity: fc.integer({ min: 0, max: 5 }),
	redeliver: fc.boolean(),
	durable: fc.boolean(),
	home: node,
	senders: fc.array(fc.record({ node, how: fc.constantFrom(...SENDING), count: fc.integer({ min: 0, max: 12 }) }), {
		minLength: 1,
		maxLength: 4,
	}),
	receivers: fc.array(fc.record({ node, how: fc.constantFrom(...RECEIVING) }), { minLength: 1, maxLength: 4 }),
});

/** In ms of the virtual clock: a few messages there and back, and often too short. */
const PATIENCE = 12;
/** Nothing here takes so long. */
const FOREVER = 120_000;

/** It has not happened, and is tried again. */
const LATE = new Set(['ERR_SEND_TIMEOUT', 'ERR_RECEIVE_TIMEOUT']);

async function unlessLate<T>(work: Promise<T>): Promise<T | 'late'> {
	try {
		return await work;
	} catch (error) {
		if (LATE.has((error as { code: string }).code)) return 'late';
		throw error;
	}
}

describe('a channel, whatever is done at it', () => {
	let lab: Lab;
	let systems: readonly ActorSystem[];
	let names = 0;

	before(async () => {
		lab = new Lab();
		systems = [await lab.node({ node: 'a' }), await lab.node({ node: 'b' }), await lab.node({ node: 'c' })];
	});

	after(() => lab.close());

	const moment = (): Promise<void> => new Promise((resolve) => lab.clock.after(5, resolve));

	/** Whether it was sent. */
	async function sent(channel: Channel<string>, how: (typeof SENDING)[number], value: string): Promise<boolean> {
		if (how === 'timed') return (await unlessLate(channel.send(value, { timeout: PATIENCE }))) !== 'late';
		if (how === 'select') return (await select([channel.send(value)], { timeout: PATIENCE })).index === 0;
		if (how !== 'try') return channel.send(value).then(() => true);
		const done = await channel.trySend(value);
		if (!done) await moment();
		return done;
	}

	async function send(
		channel: Channel<string>,
		how: (typeof SENDING)[number],
		values: readonly string[],
	): Promise<void> {
		if (how === 'at once') return void (await Promise.all(values.map((value) => channel.send(value))));
		for (const value of values) while (!(await sent(channel, how, value)));
	}

	async function receive(channel: Channel<string>, how: (typeof RECEIVING)[number]): Promise<string[]> {
		const got: string[] = [];
		if (how === 'loop') for await (const value of channel) got.push(value);
		else
			for (;;) {
				const { index, value, ok } =
					how === 'select'
						? await select([channel.receive()], { timeout: PATIENCE })
						: { index: 0, ...(await once(channel, how)) };
				if (index < 0) continue;
				if (!ok) break;
				got.push(value as string);
			}
		return got;
	}

	async function once(
		channel: Channel<string>,
		how: 'receive' | 'try' | 'timed',
	): Promise<{ readonly value: string | undefined; readonly ok: boolean }> {
		for (;;) {
			const value =
				how === 'try'
					? await channel.tryReceive()
					: await unlessLate(channel.receive(how === 'timed' ? { timeout: PATIENCE } : undefined));
			if (value !== undefined && value !== 'late') return { value, ok: true };
			if (how === 'receive') return { value: undefined, ok: false };
			const { closed, length } = await channel.stat();
			// What others have not confirmed may still come back, but nobody leaves anything here.
			if (closed && length === 0) return { value: undefined, ok: false };
			if (value === undefined) await moment();
		}
	}

	async function play({ capacity, redeliver, durable, home, senders, receivers }: Plan): Promise<void> {
		const name = `random-${++names}`;
		const at = (node: number): Promise<Channel<string>> =>
			(systems[node] as ActorSystem).channel<string>(name, { capacity, redeliver, durable });
		await at(home);
		// Two who only try never meet where nothing is held.
		const trying = (how: (typeof RECEIVING)[number]) => (capacity === 0 && how === 'try' ? 'receive' : how);
		const receiving = receivers.map(async ({ node, how }) => receive(await at(node), trying(how)));
		const lists = senders.map(({ count }, sender) => Array.from({ length: count }, (_, n) => `${sender}:${n}`));
		await Promise.all(senders.map(async ({ node, how }, n) => send(await at(node), how, lists[n] as string[])));
		const channel = await at(home);
		await channel.close();
		const got = await Promise.all(receiving);
		expect(got.flat().sort()).to.deep.equal(lists.flat().sort());
		for (const one of got)
			for (const [sender] of lists.entries()) {
				const numbers = one
					.filter((value) => value.startsWith(`${sender}:`))
					.map((value) => Number(value.split(':')[1]));
				expect(numbers).to.deep.equal(numbers.toSorted((first, second) => first - second));
			}
		const { sent, received, length, lost } = await channel.stat();
		expect({ sent, received, length, lost }).to.deep.equal({
			sent: lists.flat().length,
			received: lists.flat().length,
			length: 0,
			lost: 0,
		});
	}

	it('gives every value to one receiver, in the order of its sender', async function () {
		this.timeout(60_000);
		await fc.assert(
			fc.asyncProperty(plans, async (plan) => {
				let cancel = (): void => {};
				const stuck = new Promise<never>((_, reject) => {
					cancel = lab.clock.after(FOREVER, () => reject(new Error('it is stuck')));
				});
				await lab.during(Promise.race([play(plan), stuck]));
				cancel();
			}),
			{ numRuns: 150 },
		);
	});
});
