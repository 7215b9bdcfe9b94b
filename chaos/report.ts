/** What was found, for people and for programs. */

import { cpus } from 'node:os';
import { table } from 'table';
import type { Figures, Outcome } from './scenario.ts';

/** The figures of one scenario, what is broken, and what is slower than it should be. */
export function report({ scenario, figures, broken, missed, seconds }: Outcome): string {
	return [
		`${scenario}: ${broken.length === 0 ? 'every invariant holds' : 'BROKEN'} (${seconds.toFixed(0)} s)`,
		...(figures.length > 0 ? [tableOf(figures).trimEnd()] : []),
		...broken.map((line) => `  BROKEN  ${line}`),
		...missed.map((line) => `  missed  ${line}`),
		'',
	].join('\n');
}

/** The same for programs. */
export function document(outcomes: readonly Outcome[]): unknown {
	return {
		node: process.version,
		cpu: cpus()[0]?.model ?? 'unknown',
		cores: cpus().length,
		holds: outcomes.every(({ broken }) => broken.length === 0),
		outcomes,
	};
}

function tableOf(figures: readonly Figures[]): string {
	const columns = [...new Set(figures.flatMap(Object.keys))];
	const rows = figures.map((line) => columns.map((column) => text(line[column])));
	return table([columns, ...rows], {
		drawHorizontalLine: (index, size) => index <= 1 || index === size,
		columnDefault: { alignment: 'right' },
		columns: [{ alignment: 'left' }],
	});
}

function text(value: string | number | undefined): string {
	return typeof value === 'number' ? value.toLocaleString('en') : (value ?? '');
}
