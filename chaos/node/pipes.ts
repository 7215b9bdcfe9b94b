/** What a node does with channels, pipelines and topics: it feeds them, drains them, and notes what it has got. */

import { type ActorSystem, type Channel, type ChannelOptions, type Pipeline, pipeline } from '../../index.ts';
import { now, pause } from '../stage/time.ts';
import { DIARY, diaryOf } from './diary.ts';

/** How far a feed has come. */
export interface Fed {
	/** Values that were taken. */
	readonly count: number;
	readonly over: boolean;
	/** Times that a send failed, and its value was sent again. */
	readonly again: number;
}

/** Between attempts, in ms. */
const AGAIN = 100;
const write = diaryOf(process.env[DIARY]);

function note(actor: string, number: number): void {
	write?.({ actor, stream: 'pipe', number, at: now() });
}

/** Channels, pipelines and topics of one node. */
export class Pipes {
	readonly #system: ActorSystem;
	#fed: { count: number; over: boolean; again: number } = { count: 0, over: false, again: 0 };
	#collected: number[] = [];
	#heard: number[] = [];

	constructor(system: ActorSystem) {
		this.#system = system;
	}

	fed(): Fed {
		return { ...this.#fed };
	}

	/** What the sink of the pipeline has got, and whoever listens to the topic. */
	got(): { readonly collected: readonly number[]; readonly heard: readonly number[] } {
		return { collected: this.#collected, heard: this.#heard };
	}

	/** Begins to send numbers at a rate, once it has the channel. */
	async feed(name: string, options: ChannelOptions, count: number, rate: number): Promise<void> {
		const channel = await this.#channel(name, options);
		void this.#feed(channel, options, count, rate);
	}

	/** A send that fails is made again, at the channel as it then is; at the end it is closed. */
	async #feed(channel: Channel<number>, options: ChannelOptions, count: number, rate: number): Promise<void> {
		const fed = { count: 0, over: false, again: 0 };
		this.#fed = fed;
		const began = now();
		let at = channel;
		for (let number = 0; number < count; ) {
			const ahead = number - ((now() - began) / 1_000) * rate;
			if (ahead > 0) await pause(Math.ceil((ahead * 1_000) / rate));
			try {
				await at.send(number);
				fed.count = ++number;
			} catch {
				fed.again++;
				at = await this.#channel(channel.name, options);
			}
		}
		await at.close();
		fed.over = true;
	}

	/** Receives and notes, until the channel is closed and drained. */
	async drain(name: string, options: ChannelOptions): Promise<void> {
		for (;;) {
			const channel = await this.#channel(name, options);
			try {
				for await (const number of channel) note(name, number);
				return;
			} catch {
				// Its home is gone, and will be had again.
			}
		}
	}

	/** Pushes numbers through the pipeline; its workers are elsewhere. */
	async squares(count: number, rate: number): Promise<void> {
		this.#fed = { count: 0, over: false, again: 0 };
		this.#collected = [];
		await squares(count, rate, (number) => void this.#collected.push(number)).run(this.#system);
		this.#fed = { count, over: true, again: 0 };
	}

	/** Publishes numbers at a rate. */
	async publish(name: string, count: number, rate: number): Promise<void> {
		this.#fed = { count: 0, over: false, again: 0 };
		const topic = this.#system.topic<number>(name);
		const began = now();
		for (let number = 0; number < count; number++) {
			const ahead = number - ((now() - began) / 1_000) * rate;
			if (ahead > 0) await pause(Math.ceil((ahead * 1_000) / rate));
			topic.publish(number);
		}
		this.#fed = { count, over: true, again: 0 };
	}

	/** Resolves when it listens. */
	async listen(name: string): Promise<void> {
		this.#heard = [];
		const subscription = this.#system.topic<number>(name).subscribe({ capacity: 100_000 });
		await subscription.ready;
		void (async () => {
			for await (const number of subscription) this.#heard.push(number);
		})();
	}

	async #channel(name: string, options: ChannelOptions): Promise<Channel<number>> {
		for (;;) {
			try {
				return await this.#system.channel<number>(name, options);
			} catch {
				await pause(AGAIN);
			}
		}
	}
}

/** Numbers, squared somewhere and their roots drawn again here. */
function squares(count: number, rate: number, sink: (number: number) => void): Pipeline {
	return pipeline('chaos.squares')
		.from(function* () {
			for (let number = 0; number < count; number++) yield number;
		})
		.rateLimit({ rate, per: '1s', burst: Math.ceil(rate / 20) })
		.map((number: number) => number * number, { name: 'square', workers: 6, on: 'role:worker' })
		.map(Math.sqrt)
		.to(sink);
}

// What a node has not declared, it does not work on.
squares(0, 1, () => {});
