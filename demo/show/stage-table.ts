/** The live table: every node with its actors, what waits in their mailboxes, how fast it works, and what was restarted. */

import { getBorderCharacters, table } from 'table';
import type { NodeInfo } from '../../index.ts';
import type { Row } from '../actors/board.ts';
import { count } from './figures.ts';

const HEAD = ['node', 'state', 'messages/s', 'actor', 'mailbox', 'restarts'];

/** Draws it. */
export function stageTable(rows: readonly Row[], members: readonly NodeInfo[]): string {
	const lines = rows.flatMap((row) => {
		const state = row.left ? 'left' : (members.find(({ id }) => id === row.node)?.status ?? 'gone');
		const node = [`${row.name} (${row.pid})`, state, state === 'up' ? count(row.rate) : ''];
		if (state === 'left' || state === 'gone') return [[...node, '', '', '']];
		return row.actors
			.filter(({ kind }) => kind !== 'demo.usher')
			.map(({ id, pending, restarts }, index) => [
				...(index === 0 ? node : ['', '', '']),
				short(id),
				count(pending),
				restarts || '',
			]);
	});
	return table([HEAD, ...lines], {
		border: getBorderCharacters('norc'),
		drawHorizontalLine: (index, size) => index === 0 || index === 1 || index === size,
		columns: [{}, {}, { alignment: 'right' }, {}, { alignment: 'right' }, { alignment: 'right' }],
	}).trimEnd();
}

/** Without the node, which stands beside it. */
function short(id: string): string {
	return id.split('@')[0] as string;
}
