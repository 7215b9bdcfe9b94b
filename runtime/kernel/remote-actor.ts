/** One actor of another node, addressed by its number there: a child, or one that was spawned without an ID. */

import { Mail } from '../mailbox/mail.ts';
import type { ReplyTo } from './envelope.ts';
import type { Handler } from './handler.ts';
import type { Kernel } from './kernel.ts';
import type { Ref, Target } from './ref.ts';
import type { Route } from './route.ts';

interface Parts {
	readonly id: string;
	readonly kind: string;
	readonly path: string;
	readonly node: string;
	readonly uid: number;
	/** Its ID is its address, too: it is the same actor as the one that a ref by that ID reaches. */
	readonly registered?: boolean;
}

/** The target of refs to actors that only their own node can find. */
export class RemoteActor implements Target {
	readonly kernel: Kernel;
	readonly #parts: Parts;

	constructor(kernel: Kernel, parts: Parts) {
		this.kernel = kernel;
		this.#parts = parts;
	}

	get id(): string {
		return this.#parts.id;
	}

	get kind(): string {
		return this.#parts.kind;
	}

	get path(): string {
		return this.#parts.path;
	}

	get node(): string {
		return this.#parts.node;
	}

	wire(): unknown[] {
		const { id, kind, path, node, uid, registered } = this.#parts;
		return registered ? [id, kind] : [id, kind, path, node, uid];
	}

	same(other: Target): boolean {
		// An ID is an address whatever its ref believes of the kind.
		if (this.route) return this.route.same(other);
		return String(other.wire()) === String(this.wire());
	}

	/** What all targets that mean this actor have in common. */
	get key(): unknown {
		return this.route ?? `${this.#parts.node} ${this.#parts.uid}`;
	}

	/** The way to its ID, where that is its address: a message that does not find it here may find it elsewhere. */
	get route(): Route | undefined {
		const { registered, id, kind } = this.#parts;
		return registered ? this.kernel.route(id, kind) : undefined;
	}

	deliver(handler: Handler, payload: unknown, sender: Ref | undefined, replyTo: ReplyTo | undefined): void {
		const { kernel } = this;
		const { node, uid, id, registered } = this.#parts;
		// Messages to its ID that still wait to be sent were sent before this one; and it may have moved since it spoke.
		const ahead = registered ? kernel.knownRoute(id) : undefined;
		if (ahead?.looking || ahead?.elsewhere(node)) return ahead.deliver(handler, payload, sender, replyTo);
		const envelope = new Mail(handler, payload, sender, replyTo);
		if (node === kernel.node) return kernel.refuse(envelope, this, 'no-such-actor');
		const peer = kernel.directory?.peer(node);
		if (peer && !peer.gone) peer.deliver(envelope, this, uid);
		else if (this.route) this.route.deliver(handler, payload, sender, replyTo);
		else kernel.refuse(envelope, this, 'node-down');
	}
}
