/** Every fixture class by its kind, so that a node in another process can spawn it when the spec says so. */

import type { ActorClass } from '../../index.ts';
import * as channels from './cast/channels.ts';
import * as crashing from './cast/crashing.ts';
import * as durable from './cast/durable.ts';
import * as groups from './cast/groups.ts';
import * as lifecycle from './cast/lifecycle.ts';
import * as mailbox from './cast/mailbox.ts';
import * as messages from './cast/messages.ts';

/** Classes of errors that both sides know. */
export { OutOfStock } from './cast/messages.ts';

const classes = new Map<string, ActorClass>();
for (const member of Object.values({
	...channels,
	...messages,
	...mailbox,
	...crashing,
	...lifecycle,
	...groups,
	...durable,
})) {
	if (typeof member === 'function' && 'kind' in member) classes.set((member as ActorClass).kind, member as ActorClass);
}

/** The class of that kind. */
export function classOf(kind: string): ActorClass {
	const found = classes.get(kind);
	if (!found) throw new Error(`no fixture of kind '${kind}': export its class from a file in spec/support/cast`);
	return found;
}

/** All but the {@link messages.Stranger}, whom a node is to know from refs alone. */
export function knownClasses(): readonly ActorClass[] {
	return [...classes.values()].filter((actor) => actor !== (messages.Stranger as ActorClass));
}
