/** Time that processes of one machine share, and waiting for what must become true. */

import { setTimeout as pause } from 'node:timers/promises';

export { pause };

/** Milliseconds since the machine was started: the same in every process, whatever their wall clocks say. */
export function now(): number {
	return Number(process.hrtime.bigint()) / 1e6;
}

/** Whether `condition` came to hold within so many milliseconds. It is looked at every 20. */
export async function holds(within: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
	const deadline = now() + within;
	while (!(await condition())) {
		if (now() > deadline) return false;
		await pause(20);
	}
	return true;
}

/** {@link holds}, and an error that says what was awaited when it does not. */
export async function until(what: string, within: number, condition: () => boolean | Promise<boolean>): Promise<void> {
	if (!(await holds(within, condition))) throw new Error(`not within ${within / 1_000} s: ${what}`);
}
