// #region ledger
import { Actor, ActorSystem } from '../../index.ts';

class Parser extends Actor {
	static readonly kind = 'parser';

	parse(text: string) {
		return JSON.parse(text);
	}
}

const system = await ActorSystem.start();
system.events.on('deadLetter', ({ reason, message, target }) => console.log(reason, message?.name, target?.id));
system.events.on('actorStopped', ({ id, reason }) => console.log(id, reason));

const parser = await system.spawn(Parser, { id: 'parser' });
console.log(await parser.ask.parse('[1]'));
parser.tell.parse('['); // crashes the actor; it restarts
system.ref(Parser, 'nobody').tell.parse('{}');
await parser.ask.parse('{}');
await parser.stop();

const { sent, handled, deadLetters, pending } = system.stats();
console.log({ sent, handled, deadLetters, pending });
const dead = Object.values(deadLetters).reduce((sum, count) => sum + count, 0);
console.log(sent === handled + dead + pending);
await system.stop();
// #endregion

/* prints
[ 1 ]
no-such-actor parse nobody
crashed parse parser
parser stopped
{
  sent: 4,
  handled: 2,
  deadLetters: { 'no-such-actor': 1, crashed: 1 },
  pending: 0
}
true
*/
