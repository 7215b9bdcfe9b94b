/**
 * The transport's memory twin: a bus inside this process that can lose, delay, double and cut off messages, stop like
 * a broker, and cut off one client. With virtual clocks a whole cluster and its outages run in a unit test, the same
 * way for the same seeds. It keeps to the promises of the port and to no others.
 */

import { BadOption, wholeNumber } from '../../supervisor/bad-option.ts';
import type { Clock } from '../core/clock.ts';
import { asError, Listeners } from './listeners.ts';
import { type Ailment, Broker, type Client, type Faults } from './memory-broker.ts';
import { checkPayload } from './payload.ts';
import type { ProbeResult, Receive, Transport, TransportState } from './transport.ts';

export { type Ailment, type Faults, STORE } from './memory-broker.ts';

/** One connection to a memory bus. */
export interface MemoryOptions {
	/** Where this connection gets time and chance from, and what delays it. */
	readonly clock: Clock;
	/** The client's name, by which {@link MemoryBus.partition} knows it. */
	readonly name: string;
	/** Bytes. Default 1 MiB, as in nats-server. */
	readonly maxPayload?: number;
}

/** Something that lives on the bus itself, such as the buckets of its key-value store. */
export interface Shared {
	/** Loses everything, as a server does whose disk is gone. */
	wipe(): void;
}

/** nats-server's default. */
const MAX_PAYLOAD = 1024 * 1024;

/** Shared by all copies of the package in this process: two of them that name one bus mean one bus. */
const BUSES: unique symbol = Symbol.for('troupe.memory-buses.1') as never;

function buses(): Map<string, MemoryBus> {
	const home = globalThis as { [BUSES]?: Map<string, MemoryBus> };
	home[BUSES] ??= new Map();
	return home[BUSES];
}

/**
 * The bus of that name in this process. It is made when there is none, and then stays until {@link MemoryBus.close}.
 *
 * @throws BadOption when the name is empty.
 */
export function memoryBus(name: string): MemoryBus {
	const bus = named(name);
	bus.keep();
	return bus;
}

/** Connects to the bus of that name. Unless {@link memoryBus} was asked for it, the bus goes with its last client. */
export function connectMemory(bus: string, options: MemoryOptions): MemoryTransport {
	return named(bus).connect(options);
}

function named(name: string): MemoryBus {
	if (typeof name !== 'string' || name === '') throw new BadOption('servers', name, "a bus's name: memory://<name>");
	const bus = buses().get(name) ?? new MemoryBus(name);
	buses().set(name, bus);
	return bus;
}

/** A bus and its faults. Get one from {@link memoryBus}. */
export class MemoryBus {
	readonly name: string;
	/** The broker's own clock, by which its store lets content expire. Without one, that is the clock of whoever asks. */
	clock: Clock | undefined;
	readonly #broker = new Broker();
	readonly #shared = new Map<symbol, Shared>();
	readonly #transports = new Map<string, MemoryTransport>();
	#kept = false;

	constructor(name: string) {
		this.name = name;
	}

	/** Connects a client; while the bus is stopped, the transport starts out `disconnected`. */
	connect(options: MemoryOptions): MemoryTransport {
		const transport = new MemoryTransport(this, this.#broker, options);
		this.#transports.set(options.name, transport);
		transport.onState((state) => state === 'closed' && this.#transports.delete(options.name));
		return transport;
	}

	/** From now on, this goes wrong and nothing else. What was delayed before stays under way. */
	faults(faults: Faults): void {
		this.#broker.disturb(faults);
	}

	/**
	 * Drops everything between the clients of those names, until {@link MemoryBus.heal}; probes across are `silent`.
	 * The name {@link STORE} stands for the store: cut off from it, requests to it get no answer.
	 */
	partition(one: string | readonly string[], other: string | readonly string[]): void {
		this.#broker.cut(typeof one === 'string' ? [one] : one, typeof other === 'string' ? [other] : other);
	}

	/** The connected client of that name, to disconnect it alone. */
	client(name: string): MemoryTransport | undefined {
		return this.#transports.get(name);
	}

	/** Ends all partitions. What they dropped stays lost. */
	heal(): void {
		this.#broker.heal();
	}

	/** Takes the broker down: every client is disconnected and loses what was under way. The store's content stays. */
	stop(): void {
		this.#broker.run(false);
	}

	/** Brings the broker back; clients reconnect at once, but for those that disconnected themselves. */
	start(): void {
		this.#broker.run(true);
	}

	/** Loses all that the store held, as when a server's disk is gone. */
	wipe(): void {
		for (const shared of this.#shared.values()) shared.wipe();
	}

	/** Closes all clients and forgets the bus and its store: the next of that name is a new one. */
	async close(): Promise<void> {
		this.#kept = false;
		await Promise.all([...this.#broker.clients].map((client) => client.close()));
		this.release();
	}

	/** What lives on the bus under `key`, made on first use. */
	shared<T extends Shared>(key: symbol, make: () => T): T {
		const present = this.#shared.get(key) as T | undefined;
		if (present) return present;
		const made = make();
		this.#shared.set(key, made);
		return made;
	}

	/** Keeps the bus in the process's list although no client is connected. */
	keep(): void {
		this.#kept = true;
	}

	/** Takes the bus off the process's list unless somebody uses it. */
	release(): void {
		if (!this.#kept && this.#broker.clients.size === 0 && buses().get(this.name) === this) buses().delete(this.name);
	}
}

/** One client of a {@link MemoryBus}. */
export class MemoryTransport implements Transport {
	readonly whole = true;
	readonly byIo = false;
	readonly name: string;
	readonly address: string;
	readonly maxPayload: number;
	readonly clock: Clock;
	/** The bus it is connected to. */
	readonly bus: MemoryBus;
	readonly #broker: Broker;
	readonly #client: Client;
	readonly #inbox: string;
	readonly #states = new Listeners<TransportState>();
	readonly #problems = new Listeners<Error>();
	readonly #subscriptions = new Set<() => void>();
	/** Told when the connection is lost: whoever waits for an answer. */
	readonly #waiting = new Set<() => void>();
	#state: TransportState;
	#session = 0;
	#away = false;
	#ailment: Ailment | undefined;
	readonly #healed = new Set<() => void>();

	/** Use {@link MemoryBus.connect}. */
	constructor(bus: MemoryBus, broker: Broker, { clock, name, maxPayload = MAX_PAYLOAD }: MemoryOptions) {
		if (typeof name !== 'string' || name === '') throw new BadOption('name', name, 'a non-empty string');
		this.maxPayload = wholeNumber(maxPayload, 'maxPayload', 1);
		this.name = name;
		this.clock = clock;
		this.bus = bus;
		this.address = `memory://${bus.name}`;
		this.#broker = broker;
		this.#inbox = `_INBOX.${broker.uniqueName()}`;
		this.#state = broker.running ? 'connected' : 'disconnected';
		this.#client = this.#introduce();
		broker.clients.add(this.#client);
	}

	get state(): TransportState {
		return this.#state;
	}

	together(publishes: () => void): void {
		publishes();
	}

	/** @throws TroupeError `ERR_TOO_LARGE` when `data` is larger than {@link MemoryTransport.maxPayload}. */
	publish(subject: string, data: Uint8Array): void {
		if (this.#state !== 'connected') return;
		checkPayload(data, this);
		this.#broker.publish(this.#client, subject, data);
	}

	subscribe(subject: string, receive: Receive): () => void {
		if (this.#state === 'closed') return () => {};
		const end = this.#broker.subscribe(this.#client, subject, receive);
		this.#subscriptions.add(end);
		return () => {
			this.#subscriptions.delete(end);
			end();
		};
	}

	async probe(subject: string, timeout: number): Promise<ProbeResult> {
		if (this.#state !== 'connected') return 'silent';
		if (this.#ailment === undefined && !this.#broker.interested(subject)) return 'no-responders';
		return new Promise((resolve) => {
			const replyTo = `${this.#inbox}.${this.#broker.uniqueName()}`;
			const settle = (result: ProbeResult) => {
				cancel();
				end();
				this.#waiting.delete(lost);
				resolve(result);
			};
			const lost = () => settle('silent');
			const cancel = this.clock.after(timeout, lost);
			const end = this.#broker.subscribe(this.#client, replyTo, () => settle('answered'));
			this.#waiting.add(lost);
			this.#broker.publish(this.#client, subject, new Uint8Array(), replyTo);
		});
	}

	onState(changed: (state: TransportState) => void): () => void {
		return this.#states.add(changed);
	}

	onProblem(problem: (error: Error) => void): () => void {
		return this.#problems.add(problem);
	}

	async flush(): Promise<void> {
		if (this.#state === 'connected') await this.#unlessLost(this.#broker.answer(this.#client), 'resolve');
	}

	/** There is no other. */
	forsake(): void {}

	async close(): Promise<void> {
		if (this.#state === 'closed') return;
		for (const end of this.#subscriptions) end();
		this.#subscriptions.clear();
		this.#become('closed');
		this.#broker.clients.delete(this.#client);
		this.bus.release();
	}

	/**
	 * Makes the connection half of one: the client takes itself for connected, and what it sends or gets is lost, until it
	 * is called with nothing, or {@link MemoryTransport.disconnect}.
	 */
	ail(ailment?: Ailment): void {
		if (this.#state !== 'connected') return;
		this.#ailment = ailment;
		if (ailment) return;
		for (const healed of this.#healed) healed();
		this.#healed.clear();
	}

	/** Loses the connection, this client alone, until {@link MemoryTransport.reconnect}. */
	disconnect(): void {
		this.#away = true;
		this.#client.refresh();
	}

	/** Connects again, when the bus is running. */
	reconnect(): void {
		this.#away = false;
		this.#client.refresh();
	}

	/**
	 * Carries out `operate` at the broker and brings back its result, as a request to a store behind it would.
	 * Rejects at once when not connected, and after `timeout` milliseconds when a fault or partition eats the answer.
	 */
	request<T>(operate: () => T, timeout: number): Promise<T> {
		return this.#unlessLost(this.#broker.request(this.#client, operate, timeout), 'reject');
	}

	/** Waits for an answer as long as one can come. */
	#unlessLost<T>(answer: Promise<T>, otherwise: 'resolve'): Promise<T | undefined>;
	#unlessLost<T>(answer: Promise<T>, otherwise: 'reject'): Promise<T>;
	#unlessLost<T>(answer: Promise<T>, otherwise: 'resolve' | 'reject'): Promise<T | undefined> {
		return new Promise((resolve, reject) => {
			const lost = () =>
				otherwise === 'resolve' ? resolve(undefined) : reject(new Error('disconnected before the answer came'));
			this.#waiting.add(lost);
			void answer.then(resolve, reject).finally(() => this.#waiting.delete(lost));
		});
	}

	/** What the broker sees of this transport: its state, and the few things only a broker does. */
	#introduce(): Client {
		const transport = this;
		return {
			name: this.name,
			clock: this.clock,
			get connected() {
				return transport.#state === 'connected';
			},
			get ailment() {
				return transport.#ailment;
			},
			healed: () => new Promise((resolve) => void this.#healed.add(resolve)),
			get session() {
				return transport.#session;
			},
			refresh: () => {
				if (this.#state === 'closed') return;
				this.#become(this.#broker.running && !this.#away ? 'connected' : 'disconnected');
			},
			problem: (thrown) => this.#problems.tell(asError(thrown)),
			close: () => this.close(),
		};
	}

	#become(state: TransportState): void {
		if (this.#state === state) return;
		this.#state = state;
		if (state !== 'connected') {
			this.#session++;
			this.#ailment = undefined;
			this.#healed.clear();
			const waiting = [...this.#waiting];
			this.#waiting.clear();
			for (const lost of waiting) lost();
		}
		this.#states.tell(state, this.#client.problem);
	}
}
