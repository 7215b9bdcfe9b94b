/** Spans of time as people write them: a number of milliseconds, or `'500ms'`, `'10s'`, `'1m'`, `'2h'`, `'1d'`. */

import { BadOption } from './bad-option.ts';

/** Milliseconds, or a number with a unit: `ms`, `s`, `m` (minutes), `h`, `d`. Fractions are allowed: `'1.5s'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNIT = new Map([
	['ms', 1],
	['s', 1_000],
	['m', 60_000],
	['h', 3_600_000],
	['d', 86_400_000],
]);

/** The span in milliseconds; `ERR_BAD_OPTION`, naming `option`, for anything that is not a finite span of at least 0. */
export function milliseconds(value: Duration, option: string): number {
	const span = typeof value === 'string' ? parse(value) : value;
	if (typeof span === 'number' && Number.isFinite(span) && span >= 0) return span;
	throw new BadOption(option, value, "milliseconds or a duration such as '500ms', '10s' or '1m'");
}

function parse(text: string): number {
	const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
	return digits === undefined ? Number.NaN : Number(digits) * (UNIT.get(unit as string) as number);
}
