/** Durable mailboxes: messages stored for an actor that is not there yet, which then handles them. */

import { Actor, ActorSystem, durable } from 'troupe';
import type { Driver } from '../workload.ts';
import { AT_ONCE, stored } from './abreast.ts';
import { runName } from './crossing.ts';
import { check, payloads, type Value } from './payloads.ts';

class Archive extends Actor {
	static readonly kind = 'archive';
	static readonly mailbox = durable({ maxDeliver: 1 });
	#count = 0;

	take(value: Value): void {
		check(payloads.reading, value, this.#count++);
	}

	count(): number {
		return this.#count;
	}
}

/** The sends of one node, and what an actor of another then makes of them. */
export const archive: Driver = async ({ servers }) => {
	const name = runName();
	const log = { debug() {}, info() {}, warn() {}, error() {} };
	await using near = await ActorSystem.start({ name, servers, log });
	await using far = await ActorSystem.start({ name, servers, log });
	const ref = near.ref(Archive, 'archive').with({ timeout: '1m' });
	const { rate, count } = await stored(AT_ONCE, (n) => ref.send.take(payloads.reading.make(n)));
	const start = performance.now();
	await far.spawn(Archive, { id: 'archive' });
	const taken = await ref.ask.count();
	if (taken !== count) throw new Error(`${count} were stored, and ${taken} were taken`);
	return { rate, handled: (count * 1_000) / (performance.now() - start) };
};
