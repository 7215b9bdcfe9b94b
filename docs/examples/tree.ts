// #region tree
import { Actor, ActorSystem, allForOne, child, restart, supervisor } from '../../index.ts';

class Part extends Actor<{ name: string }> {
	static readonly kind = 'part';
	static readonly supervision = restart({ maxRestarts: 3, within: '1m', backoff: { initial: 10 } });

	fail() {
		throw new Error('worn out');
	}

	protected override onStart() {
		console.log(`${this.args.name} starts`);
	}

	protected override onStop() {
		console.log(`${this.args.name} stops`);
	}
}

const part = (id: string) => child(Part, { id, args: { name: id } });
const system = await ActorSystem.start();
const line = await system.supervise([part('belt'), supervisor([part('arm'), part('hand')], allForOne())]);

const restarted = new Promise((resolve) =>
	system.events.on('actorRestarted', ({ id }) => id === 'hand' && resolve(id)),
);
system.ref(Part, 'arm').tell.fail(); // takes the hand along, not the belt
await restarted;
await line.stop(); // last started first
await system.stop();
// #endregion

/* prints
belt starts
arm starts
hand starts
hand stops
arm stops
arm starts
hand starts
hand stops
arm stops
belt stops
*/
