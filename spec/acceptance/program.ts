/**
 * A pipeline written for one process: fetch → analyse → store. Its three actors know each other by ID and nothing of
 * where they are. Arguments: the NATS address ('' for none), the cluster's name, and which of the actors live here.
 */

import { Actor, type ActorRef, ActorSystem, bounded, Rejection, restart } from '../../index.ts';

const CHUNKS = 400;

class Fetch extends Actor {
	static readonly kind = 'fetch';

	async run(): Promise<number> {
		const analyse = this.system.ref(Analyse, 'analyse');
		for (let chunk = 0; chunk < CHUNKS; chunk++) await analyse.send.take(chunk, `line ${chunk} of ${chunk % 7} words`);
		return CHUNKS;
	}
}

class Analyse extends Actor {
	static readonly kind = 'analyse';
	static readonly mailbox = bounded({ capacity: 8 });
	static readonly supervision = restart({ maxRestarts: 100, backoff: { initial: 1, jitter: 0 } });

	async take(chunk: number, text: string): Promise<void> {
		if (chunk % 97 === 96) throw new RangeError(`chunk ${chunk} cannot be analysed`);
		await this.system
			.ref(Store, 'store')
			.ask.put(chunk, { words: text.split(' ').length, when: new Date(chunk), from: this.self });
	}
}

interface Result {
	readonly words: number;
	readonly when: Date;
	readonly from: ActorRef<Analyse>;
}

class Store extends Actor {
	static readonly kind = 'store';
	readonly #log: string[] = [];
	#words = 0;

	put(chunk: number, { words, when, from }: Result): number {
		this.#words += words;
		if (chunk % 50 === 0)
			this.#log.push(`${chunk} ${words} ${when.toISOString()} from ${from.id}, sent by ${this.sender?.id}`);
		return this.#words;
	}

	report(): { readonly words: number; readonly log: readonly string[] } {
		return { words: this.#words, log: this.#log };
	}

	refuse(): never {
		throw new Rejection('CLOSED', 'the store is closed');
	}
}

const [servers = '', name = 'program', ...parts] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const system = await ActorSystem.start({ name, log, ...(servers ? { servers } : {}) });
if (parts.includes('store')) await system.spawn(Store, { id: 'store' });
if (parts.includes('analyse')) await system.spawn(Analyse, { id: 'analyse' });
if (parts.includes('fetch')) {
	const fetch = await system.spawn(Fetch, { id: 'fetch' });
	console.log('fetched', await fetch.with({ timeout: '20s' }).ask.run());
	const store = system.ref(Store, 'store');
	const analyse = system.ref(Analyse, 'analyse');
	for (const call of [
		() => store.ask.refuse(),
		() => analyse.ask.take(96, 'x'),
		() => system.ref(Store, 'nobody').ask.report(),
	]) {
		await call().catch((error) => console.log(error.code, error.message, error.cause?.message ?? ''));
	}
	const { words, log: lines } = await store.ask.report();
	for (const line of lines) console.log(line);
	console.log('words', words, 'at', store.path, 'and', analyse.path);
	await system.stop();
} else {
	process.stdin.resume();
	process.stdin.on('end', () => void system.stop());
	console.log('ready');
}
