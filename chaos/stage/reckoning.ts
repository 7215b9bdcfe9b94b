/**
 * What became of all that was sent: compared number by number with what was handled, and with the books of the nodes. The two
 * know nothing of each other, so that neither can hide what it has lost.
 */

import type { Stats } from '../../index.ts';
import type { Sent } from '../node/pump.ts';
import { type Score, union } from '../node/score.ts';

/** All of it, over all nodes. */
export interface Reckoning {
	readonly sent: number;
	/** Different messages that were handled. */
	readonly handled: number;
	/** Sent, and handled by nobody. */
	readonly lost: number;
	/** Handled more than once, be it by one node or by two. */
	readonly doubled: number;
	/** Handled after one that was sent later. */
	readonly disorder: number;
	/** Of the nodes' books: dead letters, by reason. */
	readonly deadLetters: Readonly<Record<string, number>>;
	readonly dead: number;
	readonly pending: number;
	/** Of the nodes' books: sent, and neither handled, nor dead, nor pending. */
	readonly unaccounted: number;
	/** Lost, and no dead letter was announced for it. */
	readonly unannounced: number;
	/** Sends and asks without an outcome, those that were answered, and those that failed, by code. */
	readonly open: number;
	readonly answered: number;
	readonly failed: Readonly<Record<string, number>>;
}

/** Dead letters by reason. */
type Letters = Readonly<Partial<Record<string, number>>>;

/** Frames that nobody took are in the books, too, and were no messages. */
const NO_MESSAGE = 'malformed';

/** Adds everything up; `letters` are those that nodes have announced, where they may be more than their books say. */
export function reckon(
	sent: readonly Sent[],
	scores: readonly Score[],
	books: readonly Stats[],
	letters: readonly Letters[] = books.map((one) => one.deadLetters),
): Reckoning {
	const { numbers, handled, doubled } = compare(sent, scores);
	const deadLetters = addUp(books.map((one) => one.deadLetters));
	const dead = sum(Object.values(deadLetters));
	const { [NO_MESSAGE]: _, ...announced } = addUp(letters);
	const pending = sum(books.map((one) => one.pending));
	return {
		sent: numbers,
		handled,
		lost: numbers - handled,
		doubled: doubled + sum(scores.map((score) => score.doubled)),
		disorder: sum(scores.map((score) => score.disorder)),
		deadLetters,
		dead,
		pending,
		unaccounted: sum(books.map((one) => one.sent - one.handled)) - dead - pending,
		unannounced: Math.max(numbers - handled - sum(Object.values(announced)), 0),
		open: sum(sent.map((one) => one.open)),
		answered: sum(sent.map((one) => one.answered)),
		failed: addUp(sent.map((one) => one.failed)),
	};
}

/** Whether nothing is under way any more. */
export function still({ pending, unaccounted, open }: Reckoning): boolean {
	return pending === 0 && unaccounted === 0 && open === 0;
}

function compare(
	sent: readonly Sent[],
	scores: readonly Score[],
): { readonly numbers: number; readonly handled: number; readonly doubled: number } {
	let [numbers, handled, doubled] = [0, 0, 0];
	for (const { stream, numbers: targets } of sent) {
		for (const [actor, count] of Object.entries(targets)) {
			const found = union(scores.filter((score) => score.stream === stream && score.actor === actor));
			numbers += count;
			handled += found.different;
			doubled += found.shared;
		}
	}
	return { numbers, handled, doubled };
}

/** Counts by key, added up. */
export function addUp(counts: readonly Readonly<Partial<Record<string, number>>>[]): Record<string, number> {
	const all: Record<string, number> = {};
	for (const count of counts) {
		for (const [key, value = 0] of Object.entries(count)) all[key] = (all[key] ?? 0) + value;
	}
	return all;
}

/** All of them together. */
export function sum(numbers: readonly number[]): number {
	return numbers.reduce((one, other) => one + other, 0);
}
