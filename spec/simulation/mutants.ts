/**
 * Troupe with one of its safeguards switched off, to show that the simulation would notice. A mutant is a copy of what was
 * compiled, with one text in it changed, so that nothing of this is in the product; a text that is not there is an error.
 */

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Mutant {
	/** The module, from the root of what was compiled. */
	readonly module: string;
	readonly text: string;
	readonly instead: string;
}

export const MUTANTS: Readonly<Record<string, Mutant>> = {
	'takes frames that it has had': {
		module: 'runtime/link/link.js',
		text: 'if (header.sequence !== expected)',
		instead: 'if (header.sequence > expected)',
	},
	'sends nothing again': {
		module: 'runtime/link/link.js',
		text: '#sendAgain() {',
		instead: '#sendAgain() { return;',
	},
	'acts as owner without a lease': {
		module: 'runtime/cluster/own-lease.js',
		text: 'holds() {',
		instead: 'holds() { return true;',
	},
	'gives back an ID whatever its epoch': {
		module: 'runtime/cluster/registry.js',
		text: 'return this.#bucket.remove(encodeToken(claim.id), claim.epoch);',
		instead:
			'const key = encodeToken(claim.id); return this.#bucket.get(key).then((now) => !!now && this.#bucket.remove(key, now.revision));',
	},
	'evicts whom it cannot reach before that one knows': {
		module: 'runtime/cluster/suspicion.js',
		text: 'if (Math.min(stood, unreachable) >= SUSPEND_AFTER + EVICT_MARGIN)',
		instead: 'if (unreachable > 0)',
	},
	'gives away what has no record, though the store was lost': {
		module: 'runtime/cluster/settlement.js',
		text: 'if (mark === undefined && waited < this.#lease)',
		instead: 'if (false)',
	},
	'takes what it has said it has not': {
		module: 'runtime/link/inbound.js',
		text: 'if (this.#returning.size > 0 && this.#returning.has(target))',
		instead: 'if (false)',
	},
};

/** What was compiled, and of it what a simulation needs. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PARTS = ['index.js', 'runtime', 'actors', 'supervisor', join('spec', 'simulation')];

/** Makes the mutant of that name; `run` is given the path of its command. It is gone afterwards. */
export async function withMutant<T>(name: string, run: (command: string) => Promise<T>): Promise<T> {
	const mutant = MUTANTS[name];
	if (!mutant) throw new Error(`there is no mutant '${name}'`);
	// Beside the original, so that it finds the same packages.
	const home = await mkdtemp(join(ROOT, 'mutant-'));
	try {
		for (const part of PARTS) await cp(join(ROOT, part), join(home, part), { recursive: true });
		const path = join(home, mutant.module);
		const text = await readFile(path, 'utf8');
		if (!text.includes(mutant.text)) throw new Error(`${mutant.module} has no '${mutant.text}'`);
		await writeFile(path, text.replace(mutant.text, mutant.instead));
		return await run(join(home, 'spec', 'simulation', 'main.js'));
	} finally {
		await rm(home, { recursive: true, force: true });
	}
}
