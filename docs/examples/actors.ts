// #region greeter
import { Actor, ActorSystem } from '../../index.ts';

class Greeter extends Actor<{ greeting: string; loud?: boolean }> {
	static readonly kind = 'greeter'; // required: its name on the wire and in the registry
	#count = 0; // state is plain fields; nobody else can reach them

	greet(name: string) {
		this.#count++;
		const text = `${this.args.greeting}, ${name}`;
		return this.args.loud ? text.toUpperCase() : text;
	}

	async greetLater(name: string) {
		await Promise.resolve(); // one message at a time: the next one waits until this promise has settled
		return this.greet(name);
	}

	count() {
		return this.#count;
	}
}

const system = await ActorSystem.start();
const greeter = await system.spawn(Greeter, { id: 'front-desk', args: { greeting: 'Welcome' } });

console.log(await greeter.ask.greet('Ada'));
console.log(await greeter.ask.greetLater('Grace'));
console.log(await greeter.ask.count());
console.log(greeter.id, greeter.path, greeter.kind);

const again = await system.spawn(Greeter, { id: 'front-desk', args: { greeting: 'Hi' } }).catch((error) => error.code);
console.log(again);
await system.stop();
// #endregion

/* prints
Welcome, Ada
Welcome, Grace
2
front-desk /front-desk greeter
ERR_ID_TAKEN
*/
