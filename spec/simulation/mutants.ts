/** Troupe with one of its safeguards switched off, to show that the simulation would notice. */

import { join } from 'node:path';
import { type Mutant, SABOTAGES, withMutant } from '../../chaos/stage/sabotage.ts';

const { dedup, resend, fence } = SABOTAGES as Record<string, Mutant>;

export const MUTANTS: Readonly<Record<string, Mutant | undefined>> = {
	'takes frames that it has had': dedup,
	'sends nothing again': resend,
	'acts as owner without a lease': fence,
	'puts its fence down a second after its client has noticed': {
		module: 'runtime/cluster/own-lease.js',
		text: 'after(at, SUSPEND_AFTER)',
		// On a connection that is half open, it does within three.
		instead: 'after(at, 3_000 + SUSPEND_AFTER)',
	},
	'gives back an ID whatever its epoch': {
		module: 'runtime/cluster/registry.js',
		text: 'return this.#bucket.remove(encodeToken(claim.id), claim.epoch);',
		instead:
			'const key = encodeToken(claim.id); return this.#bucket.get(key).then((now) => !!now && this.#bucket.remove(key, now.revision));',
	},
	'evicts whom it cannot reach before that one knows': {
		module: 'runtime/cluster/suspicion.js',
		text: 'if (whole && Math.min(stood, unreachable) >= SUSPEND_AFTER + EVICT_MARGIN)',
		instead: 'if (unreachable > 0)',
	},
	'gives away what has no record, though the store was lost': {
		module: 'runtime/cluster/settlement.js',
		text: 'if (mark === undefined && waited < this.#lease)',
		instead: 'if (false)',
	},
	'counts a renewal though what it holds is not in the registry': {
		module: 'runtime/cluster/holdings.js',
		text: 'await this.#enterAll(life);',
		instead: '',
	},
	'takes what it has said it has not': {
		module: 'runtime/link/inbound.js',
		text: 'if (this.#returning.size > 0 && this.#returning.has(target))',
		instead: 'if (false)',
	},
};

/** Makes the mutant of that name; `run` is given the path of its command. It is gone afterwards. */
export function withMutantOf<T>(name: string, run: (command: string) => Promise<T>): Promise<T> {
	const mutant = MUTANTS[name];
	if (!mutant) throw new Error(`there is no mutant '${name}'`);
	const part = join('spec', 'simulation');
	return withMutant(mutant, part, (root) => run(join(root, part, 'main.js')));
}
