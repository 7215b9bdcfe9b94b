/**
 * Troupe with one of its safeguards switched off, to show that a proof would notice. It is a copy of what was compiled, with
 * one text in it changed, so that nothing of this is in the product; a text that is not there is an error.
 */

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is changed. */
export interface Mutant {
	/** The module, from the root of what was compiled. */
	readonly module: string;
	readonly text: string;
	readonly instead: string;
}

/** A safeguard, and the scenarios that have to break without it. */
export interface Sabotage extends Mutant {
	readonly breaks: readonly string[];
}

/** What `npm run chaos -- --break <name>` switches off. Each scenario is broken by one of them at least. */
export const SABOTAGES: Readonly<Record<string, Sabotage>> = {
	/** A frame is sent once, and no more. */
	resend: {
		module: 'runtime/link/link.js',
		text: '#publish(type, bytes, sequence) {',
		instead:
			'#publish(type, bytes, sequence) { if (type === DATA) { if (sequence <= (this.once ?? 0)) return; this.once = sequence; }',
		breaks: ['server-kill', 'cluster-fault', 'lame-duck', 'soak'],
	},
	/** A frame that came again is taken again. */
	dedup: {
		module: 'runtime/link/link.js',
		text: 'if (header.sequence !== expected)',
		instead: 'if (header.sequence > expected)',
		breaks: ['server-kill'],
	},
	/** Who owned an ID once acts as its owner for ever. */
	fence: {
		module: 'runtime/cluster/own-lease.js',
		text: 'holds() {',
		instead: 'holds() { return true;',
		breaks: ['zombie', 'partition'],
	},
	/** The lease is judged by the monotonic clock alone, which stands still in a machine that is suspended. */
	wall: {
		module: 'runtime/cluster/own-lease.js',
		text: 'return this.#clock.now() < this.#now && this.#clock.wall() < this.#wall;',
		instead: 'return this.#clock.now() < this.#now;',
		breaks: ['clock'],
	},
	/** "No responders" is believed though a server of the cluster is missing. */
	whole: {
		module: 'runtime/transport/nats-transport.js',
		text: 'return this.#countServers() === this.#servers;',
		instead: 'return true;',
		breaks: ['partition'],
	},
	/** What a dead node had and has not finished is forgotten. */
	books: {
		module: 'runtime/link/outbound.js',
		text: 'this.#kernel.lose(reason, lost);',
		instead: ';',
		breaks: ['node-kill'],
	},
	/** A mailbox takes whatever comes. */
	bound: {
		module: 'runtime/mailbox/mailbox.js',
		text: 'return this.#length >= this.#capacity;',
		instead: 'return false;',
		breaks: ['flood'],
	},
	/** A claim overwrites what is there. */
	claims: {
		module: 'runtime/cluster/kv-nats-bucket.js',
		text: 'const expectation = expected === 0 ? EXPECT_NONE : expecting(expected);',
		instead: 'const expectation = undefined;',
		breaks: ['name-race'],
	},
	/** Who loses the connection tries once to get it back. */
	reconnect: {
		module: 'runtime/transport/nats.js',
		text: 'maxReconnectAttempts: -1',
		instead: 'maxReconnectAttempts: 1',
		breaks: ['herd'],
	},
	/** A store whose answer was lost is not tried again. */
	store: {
		module: 'runtime/durable/post-office.js',
		text: 'if (isTroupeError(error) && HOPELESS.has(error.code))',
		instead: 'if (HOPELESS)',
		breaks: ['durable'],
	},
	/** What a worker of a pipeline had when it died is not done again. */
	redo: {
		module: 'actors/pipeline/pool.js',
		text: 'if (!redo) {',
		instead: 'if (redo) {',
		breaks: ['pipes'],
	},
	/** A node that takes leave gives nothing to others. */
	handover: {
		module: 'runtime/cluster/cluster.js',
		text: 'handOver() {',
		instead: 'handOver() { return undefined;',
		breaks: ['rolling-restart'],
	},
};

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What every mutant needs of what was compiled. */
const PRODUCT = ['index.js', 'testkit.js', 'runtime', 'actors', 'supervisor'];

/** Makes a mutant of the product and of `part`; `run` is given where it is. It is gone afterwards. */
export async function withMutant<T>(mutant: Mutant, part: string, run: (root: string) => Promise<T>): Promise<T> {
	// Beside the original, so that it finds the same packages.
	const home = await mkdtemp(join(ROOT, 'mutant-'));
	try {
		for (const one of [...PRODUCT, part]) await cp(join(ROOT, one), join(home, one), { recursive: true });
		const path = join(home, mutant.module);
		const text = await readFile(path, 'utf8');
		if (!text.includes(mutant.text)) throw new Error(`${mutant.module} has no '${mutant.text}'`);
		await writeFile(path, text.replace(mutant.text, mutant.instead));
		return await run(home);
	} finally {
		await rm(home, { recursive: true, force: true });
	}
}
