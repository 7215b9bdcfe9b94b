/** A fixture that uses channels on the side where it is. */

import {
	Actor,
	type Channel,
	type ChannelOptions,
	type ChannelStat,
	type Happened,
	Rejection,
	select,
} from '../../../index.ts';

/** Opens channels by name and does with them what it is told. */
export class Porter extends Actor {
	static readonly kind = 'porter';
	readonly #taken = new Map<string, unknown[]>();

	async open(name: string, options: ChannelOptions): Promise<number> {
		return (await this.#at(name, options)).capacity;
	}

	async send(name: string, values: readonly unknown[]): Promise<void> {
		const channel = await this.#at(name);
		for (const value of values) await this.#told(channel.send(value));
	}

	async sendAtOnce(name: string, values: readonly unknown[]): Promise<void> {
		const channel = await this.#at(name);
		await Promise.all(values.map((value) => this.#told(channel.send(value))));
	}

	async trySend(name: string, value: unknown): Promise<boolean> {
		return (await this.#at(name)).trySend(value);
	}

	async receive(name: string, count = 1): Promise<readonly unknown[]> {
		const channel = await this.#at(name);
		const got: unknown[] = [];
		while (got.length < count) got.push(await this.#told(channel.receive({ timeout: '4s' })));
		return got;
	}

	/** Goes on receiving while other messages come; see {@link Porter.taken}. */
	async take(name: string, count = Number.POSITIVE_INFINITY): Promise<void> {
		const taken: unknown[] = [];
		this.#taken.set(name, taken);
		const channel = await this.#at(name);
		void (async () => {
			try {
				for await (const value of channel) if (taken.push(value) === count) break;
				taken.push('end');
			} catch (error) {
				taken.push((error as { code?: string }).code);
			}
		})();
	}

	/** Takes so many in a loop, which then comes for no more and is not left either. */
	async hold(name: string, count: number): Promise<void> {
		const taken: unknown[] = [];
		this.#taken.set(name, taken);
		const channel = await this.#at(name);
		void (async () => {
			for await (const value of channel) if (taken.push(value) === count) await new Promise(() => {});
		})();
	}

	taken(name: string): readonly unknown[] {
		return this.#taken.get(name) ?? [];
	}

	async choose(names: readonly string[], timeout?: number): Promise<Happened<number, unknown>> {
		const channels = await Promise.all(names.map((name) => this.#at(name)));
		return select(
			channels.map((channel) => channel.receive()),
			timeout === undefined ? {} : { timeout },
		);
	}

	async close(name: string): Promise<void> {
		await (await this.#at(name)).close();
	}

	async abort(name: string, reason: unknown): Promise<void> {
		await (await this.#at(name)).abort(reason);
	}

	async stat(name: string): Promise<ChannelStat> {
		return (await this.#at(name)).stat();
	}

	readonly #open = new Map<string, Promise<Channel<unknown>>>();

	#at(name: string, options: ChannelOptions = {}): Promise<Channel<unknown>> {
		const channel = this.#open.get(name) ?? this.system.channel(name, options);
		this.#open.set(name, channel);
		return channel;
	}

	/** What a channel fails with is an answer, not a crash. */
	#told<T>(promise: Promise<T>): Promise<T> {
		return promise.catch((error) => {
			throw new Rejection(error.code, error.message, { cause: error });
		});
	}
}
