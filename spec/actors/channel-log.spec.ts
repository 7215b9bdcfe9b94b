/** The log of a durable channel: what is in it, what goes from it, and what it does when the store is slow or has garbage. */

import { expect } from 'chai';
import { ChannelLog } from '../../actors/channel/channel-log.ts';
import { Entry, type Party } from '../../actors/channel/party.ts';
import { LastingStream } from '../../runtime/cluster/lasting-stream.ts';
import { memoryStreamStore } from '../../runtime/cluster/stream-memory.ts';
import { Codec } from '../../runtime/codec/codec.ts';
import { systemClock } from '../../runtime/core/clock.ts';
import { Logbook } from '../../runtime/durable/logbook.ts';
import { memoryBus } from '../../testkit.ts';

const NOBODY = undefined as unknown as Party;
const codec = new Codec();
let logs = 0;

describe('the log of a channel', () => {
	const bus = memoryBus('channel-logs');
	let stream: LastingStream;
	let key: string;

	before(async () => {
		const client = bus.connect({ clock: systemClock, name: 'log' });
		stream = await LastingStream.open(memoryStreamStore(client), 'logs', {});
	});

	beforeEach(() => {
		key = `log-${++logs}`;
	});

	after(() => bus.close());

	const surely = async <T>(operate: () => Promise<T | undefined>): Promise<T> => (await operate()) as T;
	const book = (): Logbook => new Logbook(codec, stream, key, `node-${++logs}`, surely);
	const logOf = (logbook: Logbook, superseded = (): void => {}): ChannelLog => new ChannelLog(logbook, key, superseded);
	const entry = (value: unknown): Entry => new Entry(NOBODY, 0, value, undefined);
	const records = async (): Promise<number> => (await stream.backlog()).get(key) ?? 0;

	/** What the next home finds. */
	async function values(): Promise<readonly unknown[]> {
		return (await logOf(book()).open()).values.map(([, value]) => value);
	}

	it('has what came and has not gone, in order, and forgets the rest', async () => {
		const log = logOf(book());
		await log.open();
		const entries = Array.from({ length: 100 }, (_, n) => entry(n));
		for (const one of entries) {
			log.hold(one);
			await log.stored();
		}
		for (const one of entries.slice(0, 90)) {
			log.drop(one);
			await log.stored();
		}
		await log.close(false);
		expect(await records()).to.be.below(14);
		expect(await values()).to.deep.equal([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
	});

	it('forgets a record only when those are gone from which it took', async () => {
		const log = logOf(book());
		await log.open();
		const [old, other, late] = [entry('old'), entry('other'), entry('late')];
		log.hold(old);
		log.hold(other);
		await log.stored();
		// It says that one of the first two has gone, and nothing else.
		log.drop(other);
		await log.stored();
		log.hold(late);
		await log.stored();
		log.drop(late);
		await log.stored();
		await log.close(false);
		expect(await values()).to.deep.equal(['old']);
	});

	it('holds as many values as anybody likes', async () => {
		const log = logOf(book());
		await log.open();
		for (let n = 0; n < 150_000; n++) log.hold(entry(n));
		await log.close(false);
		const found = await values();
		expect(found).to.have.length(150_000);
		expect(found.at(-1)).to.equal(149_999);
	});

	it('passes over garbage', async () => {
		const log = logOf(book());
		await log.open();
		log.hold(entry('kept'));
		await log.close(false);
		const garbage = [Buffer.from('garbage'), codec.encode([[[7, Buffer.from([0xff, 0xff])]], [], null, null])];
		for (const [n, value] of garbage.entries()) await stream.append(key, value, `${key}-garbage-${n}`);
		expect(await values()).to.deep.equal(['kept']);
	});

	it('does not run ahead of what it has to remove, without bound', async () => {
		const slow = book();
		let letGo = (): void => {};
		const released = new Promise<void>((resolve) => {
			letGo = resolve;
		});
		let removed = 0;
		const remove = slow.remove.bind(slow);
		slow.remove = async (sequence) => {
			await released;
			removed++;
			return remove(sequence);
		};
		const log = logOf(slow);
		await log.open();
		let passed = 0;
		const passing = (async () => {
			for (; passed < 2_000; passed++) {
				const one = entry(passed);
				log.hold(one);
				await log.stored();
				log.drop(one);
				await log.stored();
			}
		})();
		while (passed < 400) await new Promise((resolve) => setImmediate(resolve));
		const before = await settledAt(() => passed);
		expect(before).to.be.below(2_000);
		letGo();
		await passing;
		await log.close(false);
		expect(removed).to.be.above(3_900);
		expect(await records()).to.be.below(4);
	});

	it('says when another goes on with it', async () => {
		let superseded = 0;
		const log = logOf(book(), () => superseded++);
		await log.open();
		await logOf(book()).open();
		log.hold(entry('late'));
		expect(await log.stored().catch((error) => error.code)).to.equal('ERR_STALE_EPOCH');
		expect(superseded).to.equal(1);
		expect(await values()).to.deep.equal([]);
	});
});

/** What it is when it has not changed for a thousand turns of the event loop. */
async function settledAt(read: () => number): Promise<number> {
	let [last, still] = [read(), 0];
	while (still < 1_000) {
		await new Promise((resolve) => setImmediate(resolve));
		still = read() === last ? still + 1 : 0;
		last = read();
	}
	return last;
}
