/** Spawning on another node, and an actor that goes on elsewhere when its node leaves. */

// #region placement
import { Actor, ActorSystem } from '../../index.ts';

class Render extends Actor<{ scene: string }> {
	static readonly kind = 'render';
	#frames = 0;

	frame() {
		this.#frames++;
		return `${this.args.scene} ${this.#frames} on ${this.system.node.name}`;
	}
}

const servers = 'memory://studio';
const front = await ActorSystem.start({ name: 'studio', servers, node: 'front' });
// Nodes that let others spawn the class there. Which of them has an actor, its ID decides.
const join = (node: string) => ActorSystem.start({ name: 'studio', servers, node, roles: ['gpu'], hosts: [Render] });
const one = await join('gpu-1');

const plain = await front.spawn(Render, { on: 'node:gpu-1', args: { scene: 'storm' } });
console.log(await plain.ask.frame());

const lasting = await front.spawn(Render, { id: 'sea', on: 'role:gpu', failover: true, args: { scene: 'sea' } });
console.log(await lasting.ask.frame());
console.log(await lasting.ask.frame());

const two = await join('gpu-2');
await one.stop(); // it takes leave: the actor with failover goes on at the other, from the same arguments
console.log(await lasting.ask.frame());
console.log(await plain.ask.frame().catch(({ code }) => code));
console.log(await front.spawn(Render, { on: 'role:cpu', args: { scene: 'fog' } }).catch(({ message }) => message));

await lasting.stop(); // its end: nobody spawns it again
await Promise.all([two, front].map((system) => system.stop()));
// #endregion

/* prints
storm 1 on gpu-1
sea 1 on gpu-1
sea 2 on gpu-1
sea 1 on gpu-2
ERR_NODE_DOWN
no node that 'role:cpu' means hosts 'render': start one with hosts: [Render], and with the role or name that is asked for
*/
