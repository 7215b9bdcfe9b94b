// #region lifecycle
import { Actor, ActorSystem, type AnyRef, restart, type Termination } from '../../index.ts';

class Worker extends Actor {
	static readonly kind = 'worker';
	static readonly supervision = restart({ backoff: { initial: 5 } });

	work(item: string) {
		if (item === '') throw new Error('nothing to do');
		return `did ${item}`;
	}

	protected override onStart() {
		console.log('worker: start');
	}

	protected override onRestart(error: unknown) {
		console.log(`worker: restart after "${(error as Error).message}"`);
	}

	protected override onStop() {
		console.log('worker: stop');
	}
}

class Foreman extends Actor {
	static readonly kind = 'foreman';
	readonly #worker = this.spawn(Worker, { id: 'worker' }); // a child: local, and there at once

	hire() {
		this.watch(this.#worker);
		return this.#worker; // refs are values
	}

	protected override onTerminated(ref: AnyRef, why: Termination) {
		console.log(`foreman: ${ref.path} ${why.reason}`); // once, at its end; a restart is none
	}
}

const system = await ActorSystem.start();
const foreman = await system.spawn(Foreman, { id: 'foreman' });
const worker = await foreman.ask.hire();
const failure = await worker.ask.work('').catch(({ code }) => code);
console.log(failure, await worker.ask.work('a wall')); // waited for the restart
await worker.stop();
await foreman.stop();
await system.stop();
// #endregion

/* prints
worker: start
worker: stop
worker: restart after "nothing to do"
worker: start
ERR_ACTOR_CRASHED did a wall
worker: stop
foreman: /foreman/worker stopped
*/
