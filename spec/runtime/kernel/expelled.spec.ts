import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, ActorSystem } from '../../../index.ts';
import type { Cell } from '../../../runtime/kernel/cell.ts';
import { expel } from '../../../runtime/kernel/ending.ts';
import type { Ref } from '../../../runtime/kernel/ref.ts';
import { failure } from '../../support/coded.ts';

/** Loses its ID in the middle of a message. */
class Loser extends Actor {
	static readonly kind = 'loser';
	static ended: Promise<void>;

	lose(): string {
		this.#lose();
		return 'handled';
	}

	async loseLater(): Promise<string> {
		this.#lose();
		return 'ignored';
	}

	ping(): string {
		return 'pong';
	}

	#lose(): void {
		Loser.ended = expel((this.self as unknown as Ref).target as Cell);
	}
}

describe('an actor that may not act any more', () => {
	it('ends behind the message in hand when that is what ended it: the message is handled, and no other is', async () => {
		const system = await ActorSystem.start();
		const loser = await system.spawn(Loser);
		const lost = loser.ask.lose();
		const behind = failure('ERR_STALE_EPOCH', loser.ask.ping());
		expect(await lost).to.equal('handled');
		await Promise.all([behind, Loser.ended]);
		expect(system.stats()).to.deep.equal({ sent: 2, handled: 1, deadLetters: { fenced: 1 }, pending: 0 });
		await system.stop();
	});

	it('gives up the message in hand, and those behind it, when the handler goes on after an await', async () => {
		const system = await ActorSystem.start();
		const loser = await system.spawn(Loser);
		await Promise.all([
			failure('ERR_STALE_EPOCH', loser.ask.loseLater()),
			failure('ERR_STALE_EPOCH', loser.ask.ping()),
		]);
		await Loser.ended;
		expect(system.stats()).to.deep.equal({ sent: 2, handled: 0, deadLetters: { fenced: 2 }, pending: 0 });
		await system.stop();
	});
});
