/** What one subscriber has of a topic: values that wait for it, in a room of its own, so that no other waits for it. */

import { Fifo } from '../../runtime/mailbox/fifo.ts';
import { BadOption, optionGroup, wholeNumber } from '../../supervisor/bad-option.ts';

/** How a subscriber takes what it is given. */
export interface SubscribeOptions {
	/** Values that wait for it at most. Default 1,024. */
	readonly capacity?: number | undefined;
	/** Which value is lost when more come: the oldest, the default, or the newest. */
	readonly overflow?: 'drop-oldest' | 'drop-newest' | undefined;
	/** So many of the last values first, of those that their publishers have kept; see `retain`. Default 0. */
	readonly last?: number | undefined;
	/** Ends it. */
	readonly signal?: AbortSignal | undefined;
}

/** A value, and whose it is: publishers number theirs. */
export interface Issue {
	readonly subject: string;
	readonly value: unknown;
	readonly node: string;
	readonly number: number;
	/** When it was published, by the wall clock of its node, in ms. */
	readonly at: number;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof SubscribeOptions>(['capacity', 'overflow', 'last', 'signal']);
/** Values that wait for a subscriber. */
const CAPACITY = 1_024;

/** A subscription. Iterated, it gives value after value until it is closed; what it was given to, gets them otherwise. */
export class Subscription<T> implements AsyncIterable<T> {
	/** What it is about. */
	readonly pattern: string;
	/** Whether older values are still being fetched; what comes meanwhile waits. */
	catchingUp: boolean;
	/** Resolves when all nodes know of it: what is published anywhere after that, comes. */
	ready: Promise<void> = Promise.resolve();
	readonly #capacity: number;
	readonly #dropsNewest: boolean;
	readonly #take: ((value: T, subject: string) => void) | undefined;
	readonly #ended: (subscription: Subscription<T>) => void;
	readonly #waiting = new Fifo<Issue>();
	/** Calls of `next` that wait, the first to be answered first. */
	readonly #takers = new Fifo<(result: IteratorResult<T, undefined>) => void>();
	#dropped = 0;
	#closed = false;

	/** Called by {@link Topic.subscribe}. */
	constructor(
		pattern: string,
		options: SubscribeOptions,
		take: ((value: T, subject: string) => void) | undefined,
		ended: (subscription: Subscription<T>) => void,
	) {
		for (const key of Object.keys(optionGroup(options, 'options')))
			if (!OPTIONS.has(key))
				throw new BadOption(key, options[key as keyof SubscribeOptions], `one of ${[...OPTIONS].join(', ')}`);
		const { capacity = CAPACITY, overflow = 'drop-oldest', last = 0, signal } = options;
		if (overflow !== 'drop-oldest' && overflow !== 'drop-newest')
			throw new BadOption('overflow', overflow, "'drop-oldest' or 'drop-newest'");
		this.pattern = pattern;
		this.catchingUp = wholeNumber(last, 'last') > 0;
		this.#capacity = wholeNumber(capacity, 'capacity', 1);
		this.#dropsNewest = overflow === 'drop-newest';
		this.#take = take;
		this.#ended = ended;
		signal?.addEventListener('abort', () => this.close(), { once: true });
	}

	/** Values that were lost because the subscriber was too slow. */
	get dropped(): number {
		return this.#dropped;
	}

	/** Values that wait. */
	get length(): number {
		return this.#waiting.length;
	}

	/** No more values; a loop over it ends behind those that wait. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		for (let take = this.#takers.shift(); take; take = this.#takers.shift()) take({ done: true, value: undefined });
		this.#ended(this);
	}

	/** A value for it. */
	give(issue: Issue): void {
		if (this.#closed) return;
		if (this.catchingUp) this.#keep(issue);
		else if (this.#take) this.#take(issue.value as T, issue.subject);
		else {
			const take = this.#takers.shift();
			if (take) take({ done: false, value: issue.value as T });
			else this.#keep(issue);
		}
	}

	/** Older values have come, in order: the last ones go before those that were published meanwhile, and none is given twice. */
	caughtUp(older: readonly Issue[], last: number): void {
		const meanwhile = [...this.#waiting];
		while (this.#waiting.length > 0) this.#waiting.shift();
		this.catchingUp = false;
		const known = new Set(meanwhile.map(({ node, number }) => `${node} ${number}`));
		const before = older.filter(({ node, number }) => !known.has(`${node} ${number}`)).slice(-last);
		for (const issue of [...before, ...meanwhile]) this.give(issue);
	}

	[Symbol.asyncIterator](): AsyncIterator<T, undefined, undefined> {
		return {
			next: () => {
				const issue = this.catchingUp ? undefined : this.#waiting.shift();
				if (issue) return Promise.resolve({ done: false, value: issue.value as T });
				if (this.#closed) return Promise.resolve({ done: true, value: undefined });
				return new Promise((resolve) => this.#takers.push(resolve));
			},
			return: () => {
				this.close();
				return Promise.resolve({ done: true, value: undefined });
			},
		};
	}

	[Symbol.dispose](): void {
		this.close();
	}

	#keep(issue: Issue): void {
		if (this.#waiting.length >= this.#capacity) {
			this.#dropped++;
			if (this.#dropsNewest) return;
			this.#waiting.shift();
		}
		this.#waiting.push(issue);
	}
}
