// #region options
import { Actor, ActorSystem, isTroupeError } from '../../index.ts';

class Sleeper extends Actor {
	static readonly kind = 'sleeper';

	async sleep(ms: number) {
		await new Promise((resolve) => setTimeout(resolve, ms));
		return 'awake';
	}
}

const system = await ActorSystem.start({ askTimeout: '2s' });
const sleeper = await system.spawn(Sleeper, { id: 'sleeper' });
const codeOf = (error: unknown) => (isTroupeError(error) ? error.code : 'another error');

console.log(await sleeper.with({ timeout: '20ms' }).ask.sleep(60).catch(codeOf));
const controller = new AbortController();
const aborted = sleeper.with({ signal: controller.signal }).ask.sleep(60).catch(codeOf);
controller.abort();
console.log(await aborted);
console.log(await sleeper.ask.sleep(1)); // after the two before it: giving up does not take them back
console.log(await system.ref(Sleeper, 'nobody').ask.sleep(1).catch(codeOf)); // at once
await system.stop();
// #endregion

/* prints
ERR_ASK_TIMEOUT
ERR_ABORTED
awake
ERR_NO_SUCH_ACTOR
*/
