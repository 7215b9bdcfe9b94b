// #region schemas
import * as v from 'valibot'; // or any other library of the Standard Schema
import { Actor, ActorSystem } from '../../index.ts';

class Signup extends Actor {
	static readonly kind = 'signup';
	static readonly messages = {
		register: [v.pipe(v.string(), v.trim(), v.email()), v.optional(v.number(), 18)], // one schema for each argument
	};

	register(email: string, age?: number) {
		return `${email}, ${age}`;
	}
}

const system = await ActorSystem.start();
const signup = await system.spawn(Signup);
console.log(await signup.ask.register('  ada@example.org '));
console.log(await signup.ask.register('nobody').catch(({ code }) => code));
await system.stop();
// #endregion

/* prints
ada@example.org, 18
ERR_INVALID_MESSAGE
*/
