/** Whether the books of two nodes at rest agree: with each other, and with what their actors have counted. */

import type { Sample } from './sample.ts';
import { LOADS, sumOf } from './tally.ts';

/** Throws unless every message that was sent has been handled, once, and none is a dead letter. */
export function checkBooks(samples: readonly Sample[]): void {
	const { loads } = sumOf(samples.map(({ tally }) => tally));
	for (const name of LOADS) {
		const { sent, handled } = loads[name];
		if (sent !== handled) throw new Error(`${name}: ${sent} messages were sent and ${handled} handled`);
	}
	const letters = samples.map(({ books }) => books.deadLetters).filter((one) => Object.keys(one).length > 0);
	if (letters.length > 0) throw new Error(`dead letters: ${JSON.stringify(letters)}`);
	const counted = total(LOADS.map((name) => loads[name].sent));
	const [sent, handled] = [total(samples.map(({ books }) => books.sent)), handledBy(samples)];
	if (sent !== counted || handled !== counted)
		throw new Error(`${counted} messages were counted; the books say ${sent} sent and ${handled} handled`);
}

/** Messages that these nodes have handled. */
export function handledBy(samples: readonly Sample[]): number {
	return total(samples.map(({ books }) => books.handled));
}

function total(numbers: readonly number[]): number {
	return numbers.reduce((one, other) => one + other, 0);
}
