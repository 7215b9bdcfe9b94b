/**
 * What the command line tool says, to people or, with `--json`, to scripts. Texts from the cluster are shown with their
 * control characters escaped: an ID may be any string, and must not be able to steer a terminal.
 */

import { inspect } from 'node:util';
import { projected } from './projection.ts';

/** The outcome of a command: the value, and how people like to see it. */
export interface Outcome {
	readonly value: unknown;
	/** Nothing to say when it is empty. */
	readonly text: string;
}

/** A failure, as the tool reports it. */
export interface Failure {
	readonly code: string;
	readonly message: string;
	readonly data?: unknown;
}

/** The outcome on standard output; with `json`, as one JSON value on one line. */
export function printOutcome({ value, text }: Outcome, json: boolean): void {
	if (json) process.stdout.write(`${JSON.stringify(projected(value))}\n`);
	else if (text !== '') process.stdout.write(`${text}\n`);
}

/** One line on standard error; with `json`, `{ "error": { "code", "message" } }` on standard output instead. */
export function printFailure({ code, message, data }: Failure, json: boolean): void {
	if (json)
		process.stdout.write(
			`${JSON.stringify({ error: { code, message, ...(data === undefined ? {} : { data: projected(data) }) } })}\n`,
		);
	else process.stderr.write(`${oneLine(code)}: ${oneLine(message)}\n`);
}

/** What was thrown, whatever it is, as a failure with a code. */
export function failureOf(error: unknown): Failure {
	const { code, message, data } = (error ?? {}) as { code?: unknown; message?: unknown; data?: unknown };
	return {
		code: typeof code === 'string' && code !== '' ? code : 'ERR_UNEXPECTED',
		message: typeof message === 'string' ? message : String(error),
		...(data === undefined ? {} : { data }),
	};
}

/** A reply for people: a string as it is, anything else as Node's console shows it. */
export function replyText(value: unknown): string {
	if (typeof value === 'string') return plain(value);
	return value === undefined
		? ''
		: inspect(value, { depth: 8, maxArrayLength: null, colors: process.stdout.hasColors?.() ?? false });
}

/** Rows under headings, in columns. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
	const cells = [headings, ...rows.map((row) => row.map((cell) => oneLine(cell) || '-'))];
	const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
	return cells
		.map((row) =>
			row
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

export function oneLine(text: string): string {
	return plain(text)
		.replaceAll(/\s*\n\s*/g, ' ')
		.replaceAll('\t', ' ');
}

/** C0 and C1 control characters but line feed and tab, as `\x1b`. */
function plain(text: string): string {
	return text.replaceAll(/[^\P{Cc}\n\t]/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
