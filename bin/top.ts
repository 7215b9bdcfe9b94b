/** `troupe top`: the nodes and how busy they are, drawn again each second; once, where nobody looks on. */

import logUpdate from 'log-update';
import { table as draw, getBorderCharacters } from 'table';
import type { ActorSystem, NodeInfo, NodeLoad } from '../index.ts';
import type { Outcome } from './print.ts';

/** Between two drawings, in ms: as often as nodes measure. */
const EACH = 1_000;
const MIB = 1_024 ** 2;

interface Row extends Partial<NodeLoad> {
	readonly id: string;
	readonly name: string;
	readonly roles: readonly string[];
	readonly status: NodeInfo['status'];
}

/** Shows it until `signal` says otherwise. */
export async function top(system: ActorSystem, json: boolean, signal: AbortSignal): Promise<Outcome> {
	const live = process.stdout.isTTY && !json;
	// Nodes measure from the moment that they are asked.
	await look(system);
	await pause(EACH + EACH / 4, signal);
	for (;;) {
		const rows = await look(system);
		if (!live) return { value: rows, text: tableOf(rows) };
		logUpdate(tableOf(rows));
		await pause(EACH, signal);
		if (signal.aborted) return { value: null, text: '' };
	}
}

async function look(system: ActorSystem): Promise<readonly Row[]> {
	const others = system.nodes().filter(({ id }) => id !== system.node.id);
	const rows = others.map(async ({ id, name, roles, status }) => {
		const load = await system.load(id).catch(() => ({}));
		return { id, name, roles, status, ...load };
	});
	return (await Promise.all(rows)).sort((one, other) => (one.name < other.name ? -1 : 1));
}

function tableOf(rows: readonly Row[]): string {
	const head = ['NODE', 'ROLES', 'STATUS', 'CPU', 'MEMORY', 'LOOP DELAY', 'ACTORS', 'PENDING'];
	const body = rows.map(({ name, roles, status, cpu, memory, delay, actors, pending }) => [
		name,
		roles.join(','),
		status,
		cpu === undefined ? '' : `${(cpu * 100).toFixed(0)} %`,
		memory === undefined ? '' : `${(memory / MIB).toFixed(0)} MiB`,
		delay === undefined ? '' : `${delay.toFixed(0)} ms`,
		`${actors ?? ''}`,
		`${pending ?? ''}`,
	]);
	return draw([head, ...body], {
		border: getBorderCharacters('void'),
		columnDefault: { paddingLeft: 0, paddingRight: 2 },
		columns: Object.fromEntries([3, 4, 5, 6, 7].map((n) => [n, { alignment: 'right' }])),
		drawHorizontalLine: () => false,
	}).trimEnd();
}

function pause(delay: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(done, delay);
		signal.addEventListener('abort', done, { once: true });
		if (signal.aborted) done();
		function done(): void {
			clearTimeout(timer);
			resolve();
		}
	});
}
