// #region stash
import { Actor, ActorSystem } from '../../index.ts';

class Session extends Actor {
	static readonly kind = 'session';
	readonly #log: string[] = [];
	#open = false;

	write(line: string) {
		if (!this.#open) return this.stash(); // set aside, unanswered
		this.#log.push(line);
	}

	open() {
		this.#open = true;
		this.unstash(); // back to the front of the mailbox, in the order they came
	}

	read() {
		return this.#log;
	}
}

const system = await ActorSystem.start();
const session = await system.spawn(Session);
session.tell.write('one');
const two = session.ask.write('two');
session.tell.open();
await two;
console.log(await session.ask.read());
await system.stop();
// #endregion

/* prints
[ 'one', 'two' ]
*/
