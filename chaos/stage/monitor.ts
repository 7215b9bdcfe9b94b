/** What a nats-server says of itself over its monitoring port, which it opens on loopback for a scene. */

import { freePort } from './ports.ts';
import { pause } from './time.ts';

/** What a server is under, at most, since the watch began. */
export interface Peak {
	/** Of one core, in percent. */
	readonly cpu: number;
	/** In bytes. */
	readonly memory: number;
	/** Messages in a second, received by the server. */
	readonly messages: number;
	/** On all streams of JetStream together. */
	readonly consumers: number;
}

interface Varz {
	readonly cpu: number;
	readonly mem: number;
	readonly in_msgs: number;
	readonly connections: number;
}

/** Between two looks, in ms. */
const LOOK = 250;

/** The monitoring port of one server. */
export class Monitor implements AsyncDisposable {
	readonly port: number;
	#peak: Peak = { cpu: 0, memory: 0, messages: 0, consumers: 0 };
	#over = false;

	private constructor(port: number) {
		this.port = port;
	}

	/** Picks a port; give {@link Monitor.config} to the server. */
	static async prepare(): Promise<Monitor> {
		return new Monitor(await freePort());
	}

	get config(): string {
		return `http: "127.0.0.1:${this.port}"`;
	}

	/** Looks from now on, whether the server is up or not, until {@link Monitor.peak}. */
	watch(): void {
		this.#peak = { cpu: 0, memory: 0, messages: 0, consumers: 0 };
		this.#over = false;
		void this.#look();
	}

	/** Ends the watch. */
	peak(): Peak {
		this.#over = true;
		return this.#peak;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#over = true;
	}

	/** When each of the present connections was made, in ms of the server's clock. */
	async connected(): Promise<readonly number[]> {
		const { connections } = (await this.#ask('connz?limit=10000')) as { connections: { start: string }[] };
		return connections.map(({ start }) => Date.parse(start));
	}

	async #look(): Promise<void> {
		for (let before: Varz | undefined; !this.#over; ) {
			const asked = performance.now();
			await pause(LOOK);
			const varz = (await this.#ask('varz').catch(() => undefined)) as Varz | undefined;
			const jsz = (await this.#ask('jsz').catch(() => undefined)) as { consumers?: number } | undefined;
			const peak = this.#peak;
			const since = varz && before && varz.in_msgs >= before.in_msgs ? varz.in_msgs - before.in_msgs : 0;
			this.#peak = {
				cpu: Math.max(peak.cpu, varz?.cpu ?? 0),
				memory: Math.max(peak.memory, varz?.mem ?? 0),
				messages: Math.max(peak.messages, (since * 1_000) / (performance.now() - asked)),
				consumers: Math.max(peak.consumers, jsz?.consumers ?? 0),
			};
			before = varz;
		}
	}

	async #ask(what: string): Promise<unknown> {
		return (await fetch(`http://127.0.0.1:${this.port}/${what}`)).json();
	}
}
