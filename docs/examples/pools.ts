// #region pools
import { Actor, ActorSystem } from '../../index.ts';

class Hasher extends Actor {
	static readonly kind = 'hasher';

	hash(text: string) {
		if (text === '') throw new Error('nothing to hash'); // a crash: it restarts
		return text.length;
	}
}

const system = await ActorSystem.start();
// With { on: 'role:worker' } they live on nodes that host the class.
await using pool = await system.pool(Hasher, { elastic: { min: 2, max: 8 } });
console.log(await Promise.all(['a', 'bb', 'ccc'].map((text) => pool.ask.hash(text))));
console.log(await pool.ask.hash('').catch(({ code }) => code));
console.log(pool.size, await pool.ask.hash('dddd'));
await system.stop();
// #endregion

/* prints
[ 1, 2, 3 ]
ERR_ACTOR_CRASHED
2 4
*/
