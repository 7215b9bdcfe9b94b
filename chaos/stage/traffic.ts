/** Load between nodes, from its first message until nothing is under way any more. */

import type { Silence } from '../node/receiver.ts';
import type { Node } from './node.ts';
import { type Reckoning, reckon, still } from './reckoning.ts';
import { pause } from './time.ts';

/** Longest wait, in ms, until nothing is under way. What then still is shows in the reckoning. */
const PATIENCE = 60_000;

/** Who sends to whom, and how much. */
export interface Flow {
	readonly from: readonly Node[];
	readonly to: readonly Node[];
	/** Messages a second, from each sender. */
	readonly rate: number;
	/** Receivers on each node that gets messages. Default 4. */
	readonly receivers?: number;
	readonly bytes?: number;
	/** Other nodes whose books have to be added, at the time when they are. Default none. */
	readonly others?: () => readonly Node[];
}

/** Messages that flow. */
export class Traffic {
	readonly #flow: Flow;

	private constructor(flow: Flow) {
		this.#flow = flow;
	}

	/** Resolves when every receiver has had something. */
	static async begin(flow: Flow): Promise<Traffic> {
		const { from, to, rate, receivers = 4, bytes = 0 } = flow;
		const idsAt = ({ name }: Node): string[] => Array.from({ length: receivers }, (_, at) => `${name}-${at}`);
		await Promise.all(to.map((node) => node.order('receive', idsAt(node))));
		const targets = to.flatMap(idsAt);
		await Promise.all(from.map((node) => node.order('pump', { stream: node.name, targets, rate, bytes })));
		const traffic = new Traffic(flow);
		const due = targets.length * from.length;
		while ((await traffic.#scores()).length < due) await pause(20);
		await Promise.all(to.map((node) => node.order('silence')));
		return traffic;
	}

	/** The longest time in which any of the receiving nodes handled nothing, since this was asked for last. */
	async silence(): Promise<Silence> {
		const all = await Promise.all(this.#flow.to.map((node) => node.order('silence')));
		return all.reduce((one, other) => (other.to - other.from > one.to - one.from ? other : one));
	}

	/** Sends no more; resolves when nothing is under way, or nobody believes any more that it will arrive. */
	async end(): Promise<Reckoning> {
		const { from } = this.#flow;
		await Promise.all(from.map((node) => node.order('halt')));
		for (const deadline = performance.now() + PATIENCE; ; ) {
			const reckoning = await this.reckoning();
			if (still(reckoning) || performance.now() > deadline) return reckoning;
			await pause(50);
		}
	}

	/** As things are now. */
	async reckoning(): Promise<Reckoning> {
		const { from } = this.#flow;
		const streams = new Set(from.map(({ name }) => name));
		const all = (await Promise.all(from.map((node) => node.order('sent')))).flat();
		const sent = all.filter(({ stream }) => streams.has(stream));
		const books = await Promise.all(this.#nodes().map((node) => node.order('books')));
		const letters = await Promise.all(this.#nodes().map((node) => node.order('letters')));
		return reckon(sent, await this.#scores(), books, letters);
	}

	/** How often a node that takes part was told that another is dead. */
	async downs(): Promise<number> {
		const all = await Promise.all(this.#nodes().map((node) => node.order('incidents')));
		return all.flat().filter(({ what }) => what === 'nodeDown').length;
	}

	#nodes(): Node[] {
		const { from, to, others } = this.#flow;
		return [...new Set([...from, ...to, ...(others?.() ?? [])])].filter(({ alive }) => alive);
	}

	async #scores() {
		return (await Promise.all(this.#flow.to.filter(({ alive }) => alive).map((node) => node.order('scores')))).flat();
	}
}
