/** Where the results of messages from durable mailboxes arrive: one actor of each node, which the others know. */

import { residentAt } from '../cluster/host.ts';
import { Servant } from '../kernel/bare.ts';
import { Handler } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Ref } from '../kernel/ref.ts';
import type { ReplyAddress } from './letter.ts';
import type { Replies } from './replies.ts';

const KIND = 'troupe.postbox';
const SETTLE = new Handler('settle').listed;

/** By kernel, because a resident is made without arguments. */
const repliesOf = new WeakMap<Kernel, Replies>();

/** The resident. */
export class Postbox extends Servant {
	static readonly kind = KIND;

	settle(number: unknown, failed: unknown, value: unknown): void {
		repliesOf.get(this.cell.kernel)?.settle(number, failed, value);
	}
}

/** Results on their way out. */
export class Postman {
	readonly #kernel: Kernel;
	readonly #replies: Replies;
	readonly #boxes = new Map<string, Promise<Ref>>();

	constructor(kernel: Kernel, replies: Replies) {
		this.#kernel = kernel;
		this.#replies = replies;
		repliesOf.set(kernel, replies);
	}

	/** Tells whoever asked, if that node is there still. */
	async bring({ node, number }: ReplyAddress, failed: boolean, value: unknown): Promise<void> {
		const kernel = this.#kernel;
		if (node === kernel.node) return this.#replies.settle(number, failed, value);
		if (!kernel.directory?.peer(node)) return void this.#boxes.delete(node);
		try {
			const { target } = await this.#boxOf(node);
			try {
				kernel.send(target, SETTLE, [number, failed, value], undefined);
			} catch (error) {
				kernel.send(target, SETTLE, [number, true, error], undefined);
			}
		} catch {
			this.#boxes.delete(node); // it has gone, and with it whoever asked
		}
	}

	#boxOf(node: string): Promise<Ref> {
		const known = this.#boxes.get(node) ?? residentAt(this.#kernel, node, KIND);
		this.#boxes.set(node, known);
		return known;
	}
}
