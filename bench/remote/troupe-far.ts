/** Troupe's far process: a node with sinks, or a crowd of nodes with one each. */

import { ActorSystem } from 'troupe';
import { abreast } from './abreast.ts';
import type { Value } from './payloads.ts';
import { beFar } from './tally.ts';
import { readings } from './troupe-pipeline.ts';
import { CHANNEL, Sink, sinkId } from './troupe-sink.ts';

beFar(async (tally) => {
	const { count, name, role, servers } = tally.brief;
	const start = (node: string) => ActorSystem.start({ name, servers, node });
	const spawn = (system: ActorSystem, n: number) => system.spawn(Sink, { id: sinkId(n), args: tally });
	switch (role) {
		case 'sinks': {
			const system = await start('far');
			return abreast(count, (n) => spawn(system, n));
		}
		case 'stages': {
			const roles = [count === 0 ? 'map' : 'sink'];
			const system = await ActorSystem.start({ name, servers, roles });
			readings(0);
			return void (await spawn(system, count));
		}
		case 'channel': {
			const system = await start('far');
			await spawn(system, 0);
			const { name, capacity } = CHANNEL;
			const channel = await system.channel<Value>(name, { capacity });
			void (async () => {
				for await (const value of channel) tally.take(value);
			})();
			return channel;
		}
		// One of several processes; its sink has the brief's number.
		case 'sink':
			return spawn(await start(`far-${count}`), count);
		// What the tally counts here is whatever the server carries.
		case 'nodes':
			await abreast(count, async (n) => spawn(await start(`far-${n}`), n));
			return (await import('./spy.ts')).Spy.on(servers, () => {
				tally.count();
				return false;
			});
		default:
			throw new Error(`no such role: ${role}`);
	}
});
