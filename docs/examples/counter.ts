// #region counter
import { Actor, ActorSystem, restart } from '../../index.ts';

class Counter extends Actor<{ start?: number }> {
	static readonly kind = 'counter'; // its name on the wire, never the (minifiable) class name
	static readonly supervision = restart({ maxRestarts: 10, within: '1m' });
	#total = this.args.start ?? 0;

	add(by: number) {
		this.#total += by;
		return this.#total;
	}

	get() {
		return this.#total;
	}
}

const system = await ActorSystem.start({ name: 'shop', servers: 'nats://127.0.0.1:4222' });
const counter = await system.spawn(Counter, { id: 'counter', args: { start: 10 } });

counter.tell.add(1); // void: fire and forget
await counter.send.add(1); // Promise<void>: resolves when the message is in the mailbox
const total = await counter.ask.add(5); // Promise<number>: the reply
console.log(total);

const far = system.ref(Counter, 'counter'); // the same ref from any other node; no I/O until it is used
const signal = AbortSignal.timeout(1_000);
console.log(await far.with({ timeout: '500ms', signal }).ask.get());
await system.stop();
// #endregion

/* prints
17
17
*/
