/** What a class decides for its actors, and a spawn may decide otherwise for one. */

import type { RestartType } from '../../supervisor/child-spec.ts';
import type { Supervision } from '../../supervisor/directive.ts';
import type { Strategy } from '../../supervisor/strategy.ts';
import type { MailboxSpec } from '../mailbox/mailbox-spec.ts';

/** An actor's policies; actors that differ in none from their class share one object. */
export interface Policies {
	readonly mailbox: MailboxSpec;
	readonly supervision: Supervision;
	readonly restartType: RestartType;
	/** How the fates of its children are joined. */
	readonly strategy: Strategy;
}
