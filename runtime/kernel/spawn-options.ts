/** What may be said of one actor when it is spawned, beside what its class says of all. */

import { BadOption } from '../../supervisor/bad-option.ts';
import { checkRestartType, type RestartType } from '../../supervisor/child-spec.ts';
import { checkSupervision, type Supervision } from '../../supervisor/directive.ts';
import { checkStrategy, type Strategy } from '../../supervisor/strategy.ts';
import { checkMailbox, type MailboxSpec } from '../mailbox/mailbox-spec.ts';
import type { Definition } from './definition.ts';
import type { Policies } from './policies.ts';

/** How a spawned actor differs from its class. */
export interface SpawnOptions {
	/** Its address, unique in the cluster (for a child: among its siblings). Default: a new UUIDv7. */
	readonly id?: string | undefined;
	readonly args?: unknown;
	readonly mailbox?: MailboxSpec | undefined;
	readonly supervision?: Supervision | undefined;
	/** When its parent starts it again. Default `'transient'`. */
	readonly restart?: RestartType | undefined;
	/** How its children's fates are joined. */
	readonly strategy?: Strategy | undefined;
}

const SPAWN_OPTIONS: ReadonlySet<string> = new Set<keyof SpawnOptions>([
	'id',
	'args',
	'mailbox',
	'supervision',
	'restart',
	'strategy',
]);

/** Throws `ERR_BAD_OPTION` for an option that is none. */
export function checkSpawnOptions(options: SpawnOptions): void {
	for (const key of Object.keys(options)) {
		if (!SPAWN_OPTIONS.has(key))
			throw new BadOption(key, options[key as keyof SpawnOptions], `one of ${[...SPAWN_OPTIONS].join(', ')}`);
	}
}

/** The class's policies, or a copy with what `options` decide otherwise. */
export function policiesOf(
	{ policies }: Definition,
	{ mailbox, supervision, restart, strategy }: SpawnOptions,
): Policies {
	if (mailbox === undefined && supervision === undefined && restart === undefined && strategy === undefined)
		return policies;
	const own = mailbox === undefined ? policies.mailbox : checkMailbox(mailbox, 'mailbox');
	if (own !== policies.mailbox && (own.durable ?? policies.mailbox.durable))
		throw new BadOption('mailbox', mailbox, 'left to the class: who sends has to know whether it is durable');
	return {
		mailbox: own,
		supervision: supervision === undefined ? policies.supervision : checkSupervision(supervision, 'supervision'),
		restartType: restart === undefined ? policies.restartType : checkRestartType(restart, 'restart'),
		strategy: strategy === undefined ? policies.strategy : checkStrategy(strategy, 'strategy'),
	};
}
