import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem } from '../../../index.ts';

/** As long as an ID may be, and every byte of it has to be escaped in a path. */
const LONGEST = '\u{1f600}'.repeat(128);

class Echo extends Actor {
	static readonly kind = 'echo';

	echo<T>(value: T): T {
		return value;
	}
}

/** One in a line of children of children. */
class Descendant extends Actor {
	static readonly kind = 'descendant';

	async raise(generations: number): Promise<ActorRef<Descendant>> {
		const own = this.self as ActorRef<Descendant>;
		return generations === 0 ? own : this.spawn(Descendant, { id: LONGEST }).ask.raise(generations - 1);
	}

	ask(text: string): Promise<unknown> {
		return this.system.ref(Echo, 'echo').ask.echo(text as never);
	}
}

describe('an actor far down in a tree, with the longest of names', () => {
	it('is called from another node, travels and sends as any other', async () => {
		const servers = 'memory://descendants';
		const [here, there] = [
			await ActorSystem.start({ name: 'descendants', servers }),
			await ActorSystem.start({ name: 'descendants', servers }),
		];
		const echo = await here.spawn(Echo, { id: 'echo' });
		await there.spawn(Descendant, { id: LONGEST });
		const last = await here.ref(Descendant, LONGEST).ask.raise(20);
		expect(await last.ask.ask('hi')).to.equal('hi');
		const back = (await there.ref(Echo, 'echo').ask.echo(last as never)) as unknown as ActorRef<Descendant>;
		expect(await back.ask.ask('again')).to.equal('again');
		expect(((await echo.ask.echo(last as never)) as unknown as ActorRef<Descendant>).equals(last)).to.equal(true);
		const stats = [here.stats(), there.stats()];
		expect(stats.map(({ deadLetters, pending }) => ({ deadLetters, pending }))).to.deep.equal([
			{ deadLetters: {}, pending: 0 },
			{ deadLetters: {}, pending: 0 },
		]);
		await Promise.all([here.stop(), there.stop()]);
	});
});
