/**
 * Accounts for every message: the books of all nodes, added up. What was sent must have been handled, or be a dead
 * letter, or be pending; the pending ones are the very questions for the books. A killed node's part is in the books of
 * those it talked to, and a node that left has put its own down at the board.
 */

import { setTimeout as pause } from 'node:timers/promises';
import type { ActorSystem } from '../../index.ts';
import type { Row } from '../actors/board.ts';
import { type NodeReport, Usher, usherId } from '../actors/usher.ts';

/** The sums over all nodes. */
export interface Books {
	readonly nodes: readonly NodeReport[];
	readonly sent: number;
	readonly handled: number;
	readonly deadLetters: Readonly<Record<string, number>>;
	readonly dead: number;
	readonly pending: number;
	/** What is sent and neither handled, nor dead, nor pending. Zero, or there is a bug. */
	readonly unaccounted: number;
}

/** Until nothing moves: ushers report once more, links acknowledge. */
const ATTEMPTS = 20;
const PAUSE = 100;

/** Collects the books until they are still; `left` are the books of nodes that have taken leave. */
export async function closeBooks(system: ActorSystem, left: readonly Row[]): Promise<Books> {
	for (let attempt = 1; ; attempt++) {
		const nodes = [...left, ...(await collect(system))];
		const books = addUp(nodes);
		const still = books.unaccounted === 0 && books.pending === nodes.length - left.length;
		if (still || attempt === ATTEMPTS) return books;
		await pause(PAUSE);
	}
}

/** This node's own last, when it has asked all others. */
async function collect(system: ActorSystem): Promise<NodeReport[]> {
	const reports: NodeReport[] = [];
	const others = system.nodes().filter(({ id }) => id !== system.node.id);
	for (const { id } of [...others, system.node]) reports.push(await system.ref(Usher, usherId(id)).ask.books());
	return reports;
}

function addUp(nodes: readonly NodeReport[]): Books {
	const deadLetters: Record<string, number> = {};
	let [sent, handled, dead, pending] = [0, 0, 0, 0];
	for (const { stats } of nodes) {
		sent += stats.sent;
		handled += stats.handled;
		pending += stats.pending;
		for (const [reason, count] of Object.entries(stats.deadLetters)) {
			deadLetters[reason] = (deadLetters[reason] ?? 0) + count;
			dead += count;
		}
	}
	return { nodes, sent, handled, deadLetters, dead, pending, unaccounted: sent - handled - dead - pending };
}
