/** The account of everything: chunks from the desk to the store, messages from all nodes' books, and who did what. */

import { getBorderCharacters, table } from 'table';
import { count } from './figures.ts';
import type { Outcome } from './show.ts';

/** As lines to read. */
export function account({ planned, stored, books, restarts, nodesKilled, natsRestarts }: Outcome): string[] {
	const rows = books.nodes.map(({ name, stats }) => {
		const dead = Object.values(stats.deadLetters).reduce((sum, times) => sum + times, 0);
		return [name, ...[stats.sent, stats.handled, dead, stats.pending].map(count)];
	});
	const sums = ['all', ...[books.sent, books.handled, books.dead, books.pending].map(count)];
	const picture = table([['messages', 'sent', 'handled', 'dead letters', 'pending'], ...rows, sums], {
		border: getBorderCharacters('norc'),
		drawHorizontalLine: (index, size) => [0, 1, size - 1, size].includes(index),
		columnDefault: { alignment: 'right' },
		columns: [{ alignment: 'left' }],
	});
	const reasons = Object.entries(books.deadLetters).map(([reason, times]) => `${reason} ${count(times)}`);
	const { unaccounted } = books;
	return [
		picture.trimEnd(),
		unaccounted === 0
			? 'every message is accounted for: sent = handled + dead letters + pending (the questions for these very books)'
			: `NOT ACCOUNTED FOR: ${unaccounted} messages`,
		`dead letters: ${reasons.join(' · ') || 'none'}`,
		`chunks: ${count(planned.produced)} produced · ${count(stored.chunks)} stored · ${count(planned.produced - stored.chunks)} lost · ${count(stored.duplicates)} analysed once too often, and dropped by their ID`,
		`files: ${count(planned.filesDone)}, of which ${count(planned.unreadable)} could not be read to their end`,
		`incidents: ${count(restarts)} actors restarted · ${nodesKilled} node killed · NATS restarted ${natsRestarts === 1 ? 'once' : `${natsRestarts} times`}`,
	];
}
