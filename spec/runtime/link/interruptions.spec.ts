/** Values that run code when they are read, and what that code may do to the message they stand in: nothing. */

import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem } from '../../../index.ts';
import { eventually } from '../../support/eventually.ts';
import { tap } from '../../support/tap.ts';

class Sink extends Actor {
	static readonly kind = 'sink';
	#taken: unknown[][] = [];

	take(...values: unknown[]): void {
		this.#taken.push(values);
	}

	taken(): unknown[][] {
		const taken = this.#taken;
		this.#taken = [];
		return taken;
	}

	never(): Promise<void> {
		return new Promise(() => {});
	}
}

/** A value that runs code when it is read, the first time. */
function trap(code: () => unknown): object {
	let sprung = false;
	return {
		before: 'some text',
		get x() {
			if (!sprung) code();
			sprung = true;
			return 1;
		},
		after: 'more text',
	};
}

const caught = { before: 'some text', x: 1, after: 'more text' };

for (const known of [false, true])
	describe(`a message whose value runs code while it is written${known ? ', when the link knows its keys' : ''}`, () => {
		let here: ActorSystem;
		let there: ActorSystem;
		let far: ActorRef<Sink>;
		let other: ActorRef<Sink>;

		beforeEach(async () => {
			const servers = 'memory://interruptions';
			here = await ActorSystem.start({ name: 'interruptions', servers });
			there = await ActorSystem.start({ name: 'interruptions', servers, stopGrace: 50 });
			await there.spawn(Sink, { id: 'far' });
			await there.spawn(Sink, { id: 'other' });
			far = here.ref(Sink, 'far');
			other = here.ref(Sink, 'other');
			if (!known) return;
			for (let i = 0; i < 3; i++) far.tell.take(trap(() => {}));
			await far.ask.taken();
		});

		afterEach(async () => {
			await Promise.all([here.stop(), there.stop()]);
		});

		/** Tells three messages, the second of which is a trap, and asks what has arrived. */
		async function around(code: () => unknown): Promise<unknown[][]> {
			far.tell.take('before');
			far.tell.take(trap(code));
			far.tell.take('after');
			const taken = await far.ask.taken();
			const [one, two] = [here.stats(), there.stats()];
			expect([one.deadLetters, two.deadLetters]).to.deep.equal([{}, {}]);
			expect(one.sent + two.sent).to.equal(one.handled + two.handled + one.pending + two.pending);
			return taken;
		}

		it('arrives whole, and so does what the code sends the same way, however long that is', async () => {
			await Promise.all([far.ask.taken(), other.ask.taken()]);
			expect(
				await around(() => {
					far.tell.take();
					far.tell.take('second');
					far.tell.take('x'.repeat(500));
				}),
			).to.deep.equal([['before'], [], ['second'], ['x'.repeat(500)], [caught], ['after']]);
		});

		it('arrives whole when the code withdraws an ask', async () => {
			await Promise.all([far.ask.taken(), other.ask.taken()]);
			const abort = new AbortController();
			const given = other
				.with({ signal: abort.signal })
				.ask.never()
				.catch((error) => error.code);
			expect(await around(() => abort.abort())).to.deep.equal([['before'], [caught], ['after']]);
			expect(await given).to.equal('ERR_ABORTED');
		});

		it('arrives whole when the code stops another actor there', async () => {
			await Promise.all([far.ask.taken(), other.ask.taken()]);
			let stopped: Promise<void> | undefined;
			expect(
				await around(() => {
					stopped = other.stop();
				}),
			).to.deep.equal([['before'], [caught], ['after']]);
			await stopped;
		});

		it('waits with what the code sends to the same ID, while that is looked up', async () => {
			let inner: Promise<void> | undefined;
			far.tell.take(
				trap(() => {
					inner = far.ask.take('inner');
				}),
			);
			await inner;
			expect(await far.ask.taken()).to.deep.equal([['inner'], [caught]]);
		});
	});

describe('a message that cannot be written', () => {
	it('leaves nothing of the room behind that it took', async () => {
		const servers = 'memory://room';
		const here = await ActorSystem.start({ name: 'room', servers });
		const there = await ActorSystem.start({ name: 'room', servers });
		await there.spawn(Sink, { id: 'far' });
		const far = here.ref(Sink, 'far');
		await far.ask.take('small');
		const link = tap(here, there.node.id);
		const { length } = link.begin().bytes;
		await eventually(() => link.idle);
		const tooLarge = Array.from({ length: 100_000 }, () => 'x'.repeat(90));
		expect(() => far.tell.take(tooLarge))
			.to.throw()
			.with.property('code', 'ERR_TOO_LARGE');
		expect(link.begin().bytes.length).to.equal(length);
		await Promise.all([here.stop(), there.stop()]);
	});
});

describe('a claim that is lost', () => {
	it('keeps what is told to its actor, and passes it on to the holder; what cannot travel is refused at once', async () => {
		const servers = 'memory://lost-claim';
		const here = await ActorSystem.start({ name: 'lost-claim', servers });
		const there = await ActorSystem.start({ name: 'lost-claim', servers });
		const reasons: string[] = [];
		here.events.on('deadLetter', ({ reason }) => reasons.push(reason));
		const held = await there.spawn(Sink, { id: 'sink' });
		const lost = here.spawn(Sink, { id: 'sink' }).catch((error) => error.code);
		const ref = here.ref(Sink, 'sink');
		expect(() => ref.tell.take(() => 1))
			.to.throw()
			.with.property('code', 'ERR_NOT_ENCODABLE');
		ref.tell.take('first');
		// Once a send has succeeded, the message is where it will be handled.
		await ref.send.take('second');
		expect(await held.ask.taken()).to.deep.equal([['first'], ['second']]);
		expect(await lost).to.equal('ERR_ID_TAKEN');
		expect(reasons).to.deep.equal([]);
		await Promise.all([here.stop(), there.stop()]);
	});
});
