/** Go's `select`: of several operations at channels, on whatever nodes these live, exactly one happens. */

import { systemClock } from '../../runtime/core/clock.ts';
import { TroupeError } from '../../runtime/core/errors.ts';
import type { CallOptions } from '../../runtime/core/protocol.ts';
import { BadOption } from '../../supervisor/bad-option.ts';
import { doneAtOnce } from './at-once.ts';
import { limitsOf } from './channel.ts';
import { Choice } from './choice.ts';
import { Operation, operationOf, type Selectable } from './operation.ts';
import { Step } from './steps.ts';

/** Which operation happened: its place in the list says what was received. */
export type Selected<Cases extends readonly unknown[]> =
	| { [K in keyof Cases]: Happened<K, Awaited<Cases[K]>> }[number]
	| Happened<-1, undefined>;

/** One that happened. */
export interface Happened<Place, T> {
	/** Its place in the list; -1 when none happened in time. */
	readonly index: Place extends `${infer N extends number}` ? N : Place extends number ? Place : number;
	/** What was received; `undefined` for a send. */
	readonly value: T;
	/** False when its channel is closed and drained, and when none happened. */
	readonly ok: boolean;
}

/** An operation of `select`; nothing, `null` or `false`, is one that never happens, like Go's nil channel. */
export type Case = Selectable<unknown> | undefined | null | false;

let choices = 0;

/**
 * Resolves when one of the operations has happened; the others have not, and never will. They have to be fresh:
 * `select([orders.receive(), results.send(x)])`. With a timeout, `index` is -1 when none happened in that time; a timeout
 * of 0 takes what can happen at once, as Go's `default` does. An operation that fails (a send to a closed channel) fails
 * the choice.
 *
 * @throws `ERR_BAD_OPTION` for what is no fresh operation; `ERR_ABORTED`; what the operations fail with.
 */
export function select<const Cases extends readonly Case[]>(
	cases: Cases,
	options: CallOptions = {},
): Promise<Selected<Cases>> {
	const { timeout, signal } = limitsOf(options);
	const operations = freshOperations(cases);
	const possible = operations.filter((operation) => operation !== undefined);
	return new Promise((resolve, reject) => {
		const settle = ({
			operation,
			value,
			ok,
		}: {
			operation: Operation | undefined;
			value: unknown;
			ok: boolean;
		}): void => {
			end();
			resolve({ index: operation ? operations.indexOf(operation) : -1, value, ok } as Selected<Cases>);
		};
		const fail = (error: unknown): void => {
			end();
			reject(error);
		};
		const choice = new Choice(`${possible[0]?.endpoint.node}/${++choices}`, possible, settle, fail);
		const aborted = (): void =>
			choice.abort(new TroupeError('ERR_ABORTED', 'select was aborted', { cause: signal?.reason }));
		// Where nothing can ever happen, there is no system whose clock it could be.
		const clock = possible[0]?.endpoint ?? systemClock;
		const cancel = timeout ? clock.after(timeout, () => choice.late()) : undefined;
		signal?.addEventListener('abort', aborted, { once: true });
		const end = (): void => {
			cancel?.();
			signal?.removeEventListener('abort', aborted);
		};
		for (const operation of possible) operation.reserve(choice, timeout === 0);
		if (signal?.aborted) aborted();
		else if (timeout === 0 && possible.length === 0) choice.late();
		else queueMicrotask(() => beginInAnyOrder([...possible]));
	});
}

/** Of several that are ready, the first that asks happens: which that is, chance decides, as in Go. */
function beginInAnyOrder(operations: Operation[]): void {
	for (let left = operations.length; left > 0; left--) {
		const [operation] = operations.splice(Math.floor((operations[0] as Operation).endpoint.random() * left), 1);
		operation?.begin();
	}
}

/** All, in their places, or none: where one cannot be had, the others do not happen either. */
function freshOperations(cases: readonly Case[]): (Operation | undefined)[] {
	const operations: (Operation | undefined)[] = new Array(cases.length).fill(undefined);
	let bad: BadOption | undefined;
	// Backwards, because those that have been done at once are undone.
	for (let n = cases.length - 1; n >= 0; n--) {
		if (!cases[n]) continue;
		const operation = operationOf(cases[n]) ?? undone(cases[n]);
		if (operation && operation.number === undefined && !operation.choice) operations[n] = operation;
		else bad = new BadOption(`cases[${n}]`, cases[n], 'an operation made in the call: select([orders.receive()])');
	}
	if (!bad) return operations;
	for (const operation of operations) operation?.end();
	throw bad;
}

/** One that has been done at once in this turn, and is now as if it had not begun. */
function undone(promise: unknown): Operation | undefined {
	const { endpoint, entry } = doneAtOnce(promise) ?? {};
	if (!endpoint || !entry) return undefined;
	const sent = entry.line !== undefined;
	if (!endpoint.undo(entry, sent ? 'held' : 'unheld')) return undefined;
	return sent
		? new Operation(endpoint, Step.SEND, entry.value, undefined, () => undefined)
		: new Operation(endpoint, Step.RECEIVE, undefined, undefined, (value) => value);
}
