/** The channels that a node takes part in, each by one end, and how they are found or made. */

import { checkId } from '../../runtime/core/address.ts';
import { isTroupeError } from '../../runtime/core/errors.ts';
import { clockOf } from '../../runtime/service-door.ts';
import type { ActorSystem } from '../../runtime/system.ts';
import { BadOption } from '../../supervisor/bad-option.ts';
import { Channel, type ChannelOptions, checkChannelOptions } from './channel.ts';
import { ChannelEnd } from './channel-end.ts';
import { ChannelHome, type NearHome, PREFIX } from './channel-home.ts';
import type { Endpoint } from './endpoint.ts';

/** Between attempts to have a channel again, in ms. */
const AGAIN = 200;

/** The ends of one node. */
export class Channels {
	readonly #system: ActorSystem;
	readonly #ends = new Map<string, Promise<Endpoint>>();
	/** Of those that go on by themselves: the last number that a step had, as none may have it again. */
	readonly #numbers = new Map<string, number>();
	/** Those that live here. */
	readonly #homes = new Map<string, NearHome>();

	constructor(system: ActorSystem) {
		this.#system = system;
	}

	/** A handle to the channel of that name. */
	async open<T>(name: string, options: ChannelOptions): Promise<Channel<T>> {
		checkChannelOptions(options);
		checkId(name);
		const endpoint = await this.#endOf(name, options);
		for (const key of ['capacity', 'redeliver', 'durable'] as const) {
			const given = options[key];
			if (given !== undefined && given !== endpoint[key])
				throw new BadOption(key, given, `${endpoint[key]}, which channel '${name}' was made with, or none`);
		}
		return new Channel<T>(endpoint);
	}

	#endOf(name: string, options: ChannelOptions): Promise<Endpoint> {
		let end = this.#ends.get(name);
		if (!end) {
			end = this.#join(name, options);
			this.#ends.set(name, end);
			end.catch(() => this.#ends.delete(name));
		}
		return end;
	}

	/** An end where the channel is by now, however long it takes until it is anywhere. */
	async #again(name: string, options: ChannelOptions): Promise<Endpoint> {
		const clock = clockOf(this.#system);
		for (;;) {
			try {
				return await this.#endOf(name, options);
			} catch (error) {
				if (isTroupeError(error) && error.code === 'ERR_SYSTEM_STOPPED') throw error;
			}
			await new Promise<void>((resolve) => void clock.after(AGAIN, resolve));
		}
	}

	/** Whoever is the first makes it; of several who try, the registry knows who was. */
	async #join(name: string, { capacity = 0, redeliver = false, durable = false }: ChannelOptions): Promise<Endpoint> {
		const id = PREFIX + name;
		const ready = (home: NearHome): void => void this.#homes.set(name, home);
		const gone = (): void => void this.#homes.delete(name);
		for (;;) {
			if (!(await this.#system.whereis(id))) {
				try {
					await this.#system.spawn(ChannelHome, { id, args: { capacity, redeliver, durable, ready, gone } });
				} catch (error) {
					if (!isTroupeError(error) || error.code !== 'ERR_ID_TAKEN') throw error;
				}
			}
			try {
				return await this.#end(name, id, { capacity, redeliver, durable });
			} catch (error) {
				// It was there a moment ago.
				if (!isMissing(error)) throw error;
			}
		}
	}

	async #end(name: string, id: string, options: ChannelOptions): Promise<Endpoint> {
		let joined: Endpoint | undefined;
		await this.#system.spawn(ChannelEnd, {
			args: {
				name,
				home: this.#system.ref(ChannelHome, id),
				near: () => this.#homes.get(name),
				ready: (endpoint) => {
					joined = endpoint;
				},
				from: this.#numbers.get(name) ?? 0,
				again: () => this.#again(name, options),
				gone: () => {
					this.#ends.delete(name);
					if (joined?.lasting) this.#numbers.set(name, joined.last);
				},
			},
		});
		return joined as Endpoint;
	}
}

/** A start that failed because nobody holds the ID, or not any more. */
function isMissing(error: unknown): boolean {
	const cause = isTroupeError(error) && error.code === 'ERR_START_FAILED' ? error.cause : error;
	return isTroupeError(cause) && ['ERR_NO_SUCH_ACTOR', 'ERR_STOPPED', 'ERR_NODE_DOWN'].includes(cause.code);
}
