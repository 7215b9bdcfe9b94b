// #region turns
import { Actor, ActorSystem } from '../../index.ts';

class Door extends Actor {
	static readonly kind = 'door';
	readonly #open = { push: () => 'already open', close: () => this.become() };

	push() {
		this.become(this.#open); // from the next message on
		this.timers.once('20ms', () => this.become(), 'shut'); // a turn of this actor, never beside a message
		return 'opens';
	}

	close() {}

	async listen() {
		await new Promise((resolve) => this.signal.addEventListener('abort', resolve)); // aborts when it has to stop
		return 'heard enough';
	}
}

const system = await ActorSystem.start();
const door = await system.spawn(Door);
console.log(await door.ask.push(), await door.ask.push());
await new Promise((resolve) => setTimeout(resolve, 50));
console.log(await door.ask.push());
const heard = door.ask.listen();
await new Promise((resolve) => setTimeout(resolve, 10)); // it listens
await door.stop();
console.log(await heard);
await system.stop();
// #endregion

/* prints
opens already open
opens
heard enough
*/
