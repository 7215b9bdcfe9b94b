/**
 * Death watch. A watch is a question to an actor that is answered by its end, so it crosses nodes as any ask does:
 * the peer's death fails it, and an actor that is not there refuses it. It fires exactly once.
 */

import { isTroupeError } from '../core/errors.ts';
import type { Cell } from './cell.ts';
import { type Termination, WATCH } from './control.ts';
import type { ReplyTo } from './envelope.ts';
import type { Ref } from './ref.ts';
import { RemoteActor } from './remote-actor.ts';
import { runHook } from './running.ts';

/** One actor's interest in the end of another. */
export class Watch implements ReplyTo {
	readonly patient = false;
	readonly asks = false;
	withdraw: (() => void) | undefined;
	readonly #watcher: Cell;
	readonly #ref: Ref;
	#over = false;

	constructor(watcher: Cell, ref: Ref) {
		this.#watcher = watcher;
		this.#ref = ref;
	}

	begin(): void {
		this.#ref.target.deliver(WATCH, [], this.#watcher.self, this);
	}

	/** Ends the watch without a word. */
	cancel(): void {
		this.#over = true;
		this.withdraw?.();
		this.withdraw = undefined;
	}

	accepted(): void {}

	replied(why: unknown): void {
		this.#fire(why as Termination);
	}

	failed(error: unknown): void {
		this.#fire({ reason: isTroupeError(error) && error.code === 'ERR_NODE_DOWN' ? 'node-down' : 'no-such-actor' });
	}

	#fire(why: Termination): void {
		if (this.#over) return;
		this.#over = true;
		this.#watcher.backstage?.watching?.delete(keyOf(this.#ref));
		this.#watcher.signal((instance) => runHook(this.#watcher, (instance as Hooks).onTerminated, [this.#ref, why]));
	}
}

interface Hooks {
	onTerminated?(ref: Ref, why: Termination): unknown;
}

/** Starts watching; watching twice is watching once. */
export function watch(watcher: Cell, ref: Ref): void {
	const backstage = watcher.kernel.backstageOf(watcher);
	backstage.watching ??= new Map();
	const { watching } = backstage;
	const key = keyOf(ref);
	if (watching.has(key)) return;
	const started = new Watch(watcher, ref);
	watching.set(key, started);
	started.begin();
}

/** Stops watching: no `onTerminated` will come for it. */
export function unwatch(watcher: Cell, ref: Ref): void {
	const watching = watcher.backstage?.watching;
	watching?.get(keyOf(ref))?.cancel();
	watching?.delete(keyOf(ref));
}

/** Takes a watcher in, or tells it at once that there is nobody to watch. */
export function addWatcher(cell: Cell, replyTo: ReplyTo | undefined, gone: boolean): void {
	if (!replyTo) return;
	if (gone) return replyTo.replied({ reason: 'no-such-actor' } satisfies Termination);
	const backstage = cell.kernel.backstageOf(cell);
	backstage.watchers ??= new Set();
	const { watchers } = backstage;
	watchers.add(replyTo);
	replyTo.withdraw = () => watchers.delete(replyTo);
}

/** The same for all refs to one actor, for as long as one is watched: what a ref says on the wire may change meanwhile. */
function keyOf({ target }: Ref): unknown {
	return target instanceof RemoteActor ? target.key : target;
}
