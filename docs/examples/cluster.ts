// #region cluster
import { Actor, ActorSystem } from '../../index.ts';

class Job extends Actor {
	static readonly kind = 'job';

	where() {
		return this.system.node.name;
	}
}

const join = (node: string) => ActorSystem.start({ name: 'plant', servers: 'memory://plant', node, roles: [node] });
const [east, west] = [await join('east'), await join('west')];
west.events.on('nodeDown', ({ name, reason }) => console.log(`${name} is down: ${reason}`));

const job = await east.spawn(Job, { id: 'job' });
const far = west.ref(Job, 'job');
console.log(await far.ask.where());
console.log(await west.spawn(Job, { id: 'job' }).catch(({ code }) => code));

const before = await west.whereis('job');
console.log(before?.node === east.node.id, before?.kind);
await job.stop(); // gives the ID back
await west.spawn(Job, { id: 'job' });
const after = await west.whereis('job');
console.log(await far.ask.where(), (after?.epoch ?? 0) > (before?.epoch ?? 0));

await east.stop();
await new Promise((resolve) => setTimeout(resolve, 20));
console.log(west.nodes().map(({ name, status }) => `${name} ${status}`));
await west.stop();
// #endregion

/* prints
east
ERR_ID_TAKEN
true job
west true
east is down: left
[ 'west up' ]
*/
