/**
 * What all nodes of the demo have in common: they join the cluster called `demo`, have an usher, and leave in good order
 * on Ctrl-C or SIGTERM. A second Ctrl-C ends them at once, and so does the end of the process that started them.
 */

import { ActorSystem, isTroupeError, type Log, type LogLine } from '../../index.ts';
import { Usher, usherId } from '../actors/usher.ts';

/** How a node presents itself. */
export interface NodeOptions {
	readonly nats: string;
	readonly name: string | undefined;
	readonly roles: readonly string[];
}

/** One line for what has many: crashes are part of the show, their stack traces are not. */
const line: LogLine = (event, { actor = '', error, message } = {}) => {
	console.error(`${event} ${actor} ${error instanceof Error ? error.message : message}`);
};

/** Warnings and errors, told shortly. */
export const log: Log = { debug: () => {}, info: () => {}, warn: line, error: line };

/** Joins the cluster; ends the process, saying why, when that is not possible. */
export async function joinCluster({ nats, name, roles }: NodeOptions): Promise<ActorSystem> {
	try {
		const system = await ActorSystem.start({
			name: 'demo',
			servers: nats,
			roles,
			log,
			...(name ? { node: name } : {}),
		});
		await system.spawn(Usher, { id: usherId(system.node.id) });
		// Whoever was declared dead has lost its actors; it would sit here as a node without any.
		system.events.on('warning', ({ code }) => code === 'EVICTED' && process.exit(1));
		return system;
	} catch (error) {
		if (!isTroupeError(error)) throw error;
		console.error(`${error.code}: ${error.message}`);
		process.exit(1);
	}
}

/** Says goodbye to the board and disconnects. */
export async function leaveCluster(system: ActorSystem): Promise<void> {
	await system
		.ref(Usher, usherId(system.node.id))
		.ask.farewell()
		.catch(() => {});
	await system.stop();
	process.exit(0);
}

/** Signals closer to each other than this, in ms, are one Ctrl-C: npm passes on what the terminal has sent to all. */
const ONE_KEYSTROKE = 1_000;

/** Calls `leave` when this process is asked to end. */
export function whenAskedToLeave(leave: () => void): void {
	let asked: number | undefined;
	const ask = (): void => {
		const now = performance.now();
		if (asked === undefined) leave();
		else if (now - asked > ONE_KEYSTROKE) process.exit(130);
		asked ??= now;
	};
	process.on('SIGINT', ask);
	process.on('SIGTERM', ask);
	process.on('disconnect', () => process.exit(1));
}
