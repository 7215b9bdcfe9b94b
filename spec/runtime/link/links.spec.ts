import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Actor, type ActorRef, type ActorSystem, type Warning } from '../../../index.ts';
import { Lab } from '../../support/lab.ts';

class Keeper extends Actor {
	static readonly kind = 'keeper';
	readonly #kept: string[] = [];

	keep(text: string): void {
		this.#kept.push(text);
	}

	kept(): readonly string[] {
		return this.#kept;
	}
}

describe('the links of a node', () => {
	let lab: Lab;
	let near: ActorSystem;
	let systems: ActorSystem[];
	let keepers: ActorRef<Keeper>[];

	beforeEach(async () => {
		lab = new Lab();
		near = await lab.node({ node: 'near' });
		systems = [near];
		keepers = [];
		for (const id of ['one', 'two', 'three']) {
			const system = await lab.node({ node: id });
			await lab.during(system.spawn(Keeper, { id }));
			const keeper = near.ref(Keeper, id);
			await lab.during(keeper.ask.kept());
			systems.push(system);
			keepers.push(keeper);
		}
	});

	afterEach(() => lab.close());

	const kept = (): Promise<(readonly string[])[]> =>
		lab.during(Promise.all(keepers.map((keeper) => keeper.with({ timeout: '1h' }).ask.kept())));

	it('carry their frames when the transport refuses one of another link, which waits until it is taken', async () => {
		const [one, two, three] = keepers as [ActorRef<Keeper>, ActorRef<Keeper>, ActorRef<Keeper>];
		const warnings: Warning[] = [];
		near.events.on('warning', (warning) => warnings.push(warning));
		const connection = lab.connection(near);
		const { maxPayload } = connection;
		const takes = (value: number) => Object.defineProperty(connection, 'maxPayload', { value, configurable: true });

		// As after a reconnect to a server that takes less: the frame that is being filled is too large for it.
		takes(1_000);
		const large = 'x'.repeat(5_000);
		two.tell.keep('before');
		one.tell.keep(large);
		three.tell.keep('after');
		await lab.pass(100);
		expect(near.stats().pending).to.equal(1);
		expect(warnings.map(({ code, node }) => [code, node])).to.deep.equal([['FRAME_REFUSED', systems[1]?.node.id]]);
		expect(warnings[0]?.error).to.have.property('code', 'ERR_TOO_LARGE');

		takes(maxPayload);
		expect(await kept()).to.deep.equal([[large], ['before'], ['after']]);
		await lab.pass(100);
		const books = systems.map((system) => system.stats());
		expect(books.map(({ pending, deadLetters }) => [pending, deadLetters])).to.deep.equal(Array(4).fill([0, {}]));
		expect(books.reduce((sum, { sent, handled }) => sum + sent - handled, 0)).to.equal(0);
	});

	it('answer what I/O has brought before anything else has its turn', async () => {
		const far = systems[1] as ActorSystem;
		const connection = lab.connection(far);
		const log: string[] = [];
		class Witness extends Actor {
			static readonly kind = 'witness';

			answer(): number {
				log.push('handled');
				void Promise.resolve().then(() => log.push('a microtask'));
				return 1;
			}
		}
		await lab.during(far.spawn(Witness, { id: 'witness' }));
		const witness = near.ref(Witness, 'witness');
		await lab.during(witness.ask.answer());
		log.length = 0;

		Object.defineProperty(connection, 'byIo', { value: true });
		const { publish } = connection;
		connection.publish = (subject, data) => {
			log.push('published');
			publish.call(connection, subject, data);
		};
		expect(await lab.during(witness.ask.answer())).to.equal(1);
		expect(log.slice(0, 3)).to.deep.equal(['handled', 'published', 'a microtask']);
	});
});
