/** Durable mailboxes, as the kernel sees them: messages go to a lane, and come back to the actor one at a time. */

import type { Cell } from './cell.ts';
import type { Envelope } from './envelope.ts';
import type { Route } from './route.ts';

/** The way of messages into one durable mailbox. */
export interface Lane {
	/** Stores the message behind those before it, or accounts for it. Throws what is the sender's fault. */
	add(envelope: Envelope): void;
}

/** Who stores messages, and hands them to the actors of this node. */
export interface Post {
	lane(route: Route): Lane;
	/** The actor has started: from now on it is given what is stored for it. */
	attend(cell: Cell): void;
	/** The actor is about to leave: it is given nothing more. */
	pause(cell: Cell): void;
	/** The actor has come to its end here. Resolves when what it has done is on record. Never rejects. */
	leave(cell: Cell): Promise<void> | undefined;
}
