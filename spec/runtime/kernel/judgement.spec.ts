import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem, restart, type Stats } from '../../../index.ts';
import { failure } from '../../support/coded.ts';

/** Its supervision does as the spec says. */
class Judged extends Actor {
	static readonly kind = 'judged';
	static judge: () => void = () => {};
	static readonly supervision = () => {
		Judged.judge();
		return restart({ retries: 2 });
	};

	boom(): void {
		throw new Error('boom');
	}
}

const missing = ({ sent, handled, deadLetters, pending }: Stats): number =>
	sent - handled - pending - Object.values(deadLetters).reduce((one, other) => one + other, 0);

describe('a supervision that has more to do than to decide', () => {
	it('may stop its actor: the message that crashed it fails at once, whatever is decided then', async () => {
		const system = await ActorSystem.start();
		const actor: ActorRef<Judged> = await system.spawn(Judged);
		Judged.judge = () => void actor.stop();
		await failure('ERR_ACTOR_CRASHED', actor.ask.boom());
		expect(missing(system.stats())).to.equal(0);
		await system.stop();
	});

	it('finds the books in order', async () => {
		const system = await ActorSystem.start();
		const actor = await system.spawn(Judged);
		const seen: number[] = [];
		Judged.judge = () => seen.push(missing(system.stats()));
		await failure('ERR_ACTOR_CRASHED', actor.ask.boom());
		expect(seen).to.deep.equal([0, 0, 0]);
		await system.stop();
	});
});
