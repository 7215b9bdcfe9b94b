// #region errors
import { Actor, ActorSystem, isRejection, isTroupeError, Rejection, stop } from '../../index.ts';

class Shop extends Actor {
	static readonly kind = 'shop';
	static readonly supervision = stop();

	buy(item: string) {
		if (item === 'tea') throw new Rejection('OUT_OF_STOCK', 'no tea today', { data: { back: 'Monday' } });
		if (item === 'fire') throw new Error('the shop burns');
		return item;
	}
}

const system = await ActorSystem.start();
const shop = await system.spawn(Shop, { id: 'shop' });
for (const item of ['tea', 'fire', 'coffee']) {
	try {
		await shop.ask.buy(item);
	} catch (error) {
		if (isRejection(error)) console.log(error.code, error.data);
		else if (isTroupeError(error)) console.log(error.code, error.actor, (error.cause as Error | undefined)?.message);
	}
}
await system.stop();
// #endregion

/* prints
OUT_OF_STOCK { back: 'Monday' }
ERR_ACTOR_CRASHED shop the shop burns
ERR_NO_SUCH_ACTOR shop undefined
*/
