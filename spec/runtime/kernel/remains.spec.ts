import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem } from '../../../index.ts';
import { collected } from '../../support/garbage.ts';

class Host extends Actor {
	static readonly kind = 'host';

	greet(): string {
		return 'welcome';
	}
}

/** Goes to see the host, with luggage. */
class Visitor extends Actor<{ readonly luggage: object; readonly host: ActorRef<Host> }> {
	static readonly kind = 'visitor';

	visit(): Promise<string> {
		return this.args.host.ask.greet();
	}

	carry(_luggage: object): void {}
}

describe('an actor that has stopped', () => {
	it('leaves nothing but its name to those who still know it: refs, links, other nodes', async () => {
		const servers = 'memory://remains';
		const here = await ActorSystem.start({ name: 'remains', servers });
		const there = await ActorSystem.start({ name: 'remains', servers });
		await there.spawn(Host, { id: 'host' });
		const stay = async () => {
			const luggage = {};
			const args = { luggage, host: here.ref(Host, 'host') };
			const visitor = await here.spawn(Visitor, { args });
			expect(await visitor.ask.visit()).to.equal('welcome');
			await visitor.send.carry(luggage);
			await visitor.stop();
			return { visitor, luggage: new WeakRef(luggage) };
		};
		const { visitor, luggage } = await stay();
		await collected(luggage);
		expect(visitor.kind).to.equal('visitor');
		await Promise.all([here.stop(), there.stop()]);
	});
});
