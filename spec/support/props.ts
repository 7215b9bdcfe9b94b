/**
 * What fixture actors share with the spec across a restart, a stop and a process border: gates that hold a handler
 * until the spec opens them, journals that outlive an instance, and tallies. One set per process; `Prompter` (in
 * `cast/crew.ts`) hands it to the spec.
 */

const gates = new Map<string, { arrived: number; open: boolean; waiting: (() => void)[] }>();
const journals = new Map<string, string[]>();
const tallies = new Map<string, number>();

function gateOf(name: string) {
	const gate = gates.get(name) ?? { arrived: 0, open: false, waiting: [] };
	gates.set(name, gate);
	return gate;
}

/** Resolves once the spec has opened the gate; at once when it is open already. */
export function passing(name: string): Promise<void> {
	const gate = gateOf(name);
	gate.arrived++;
	return gate.open ? Promise.resolve() : new Promise((resolve) => gate.waiting.push(resolve));
}

/** How many have come to the gate so far. */
export function arrivedAt(name: string): number {
	return gateOf(name).arrived;
}

/** Lets through everybody who waits at the gate, and whoever comes later. */
export function openGate(name: string): void {
	const gate = gateOf(name);
	gate.open = true;
	for (const resume of gate.waiting.splice(0)) resume();
}

/** Lets everybody through: the test is over. */
export function openAllGates(): void {
	for (const name of gates.keys()) openGate(name);
}

/** Writes a line into the journal of that name. */
export function journal(name: string, line: string): void {
	const lines = journals.get(name) ?? [];
	lines.push(line);
	journals.set(name, lines);
}

export function journalOf(name: string): readonly string[] {
	return [...(journals.get(name) ?? [])];
}

/** Counts up; returns how often it has been called for that name. */
export function tally(name: string): number {
	const count = (tallies.get(name) ?? 0) + 1;
	tallies.set(name, count);
	return count;
}
