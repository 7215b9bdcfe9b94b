import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { VirtualClock } from '../../../runtime/core/clock.ts';
import { ACK_TIMEOUT, LINK_WINDOW, OUTBOX } from '../../../runtime/core/config.ts';
import {
	asBuffer,
	DATA,
	HEADER,
	HELLO,
	NO_COOKIE,
	rawOf,
	readHeader,
	writeHeader,
} from '../../../runtime/link/frame.ts';
import { Link } from '../../../runtime/link/link.ts';

const A = '019a0000-0000-7000-8000-00000000000a';
const B = '019a0000-0000-7000-8000-00000000000b';

interface Weather {
	readonly loss?: number;
	readonly duplicate?: number;
	readonly reorder?: number;
	/** Milliseconds that a frame takes. */
	readonly slow?: number;
}

/** Two links over a wire that loses, repeats and reorders frames, in virtual time. */
class Pair {
	readonly clock: VirtualClock;
	readonly got: { readonly a: number[]; readonly b: number[] } = { a: [], b: [] };
	readonly malformed: string[] = [];
	readonly outOfOrder = { repeated: 0, early: 0 };
	readonly stalls: string[] = [];
	readonly wire: { readonly from: string; readonly frame: Buffer }[] = [];
	readonly a: Link;
	readonly b: Link;
	connected = true;
	weather: Weather;

	readonly #maxPayload: number;
	/** What has been published and not been taken by the wire: it takes all up to what arrives, as a socket does. */
	readonly #held: { readonly number: number; readonly take: () => void }[] = [];
	#published = 0;

	constructor(seed: number, weather: Weather = {}, maxPayload = 1_048_576) {
		this.clock = new VirtualClock({ seed });
		this.weather = weather;
		this.#maxPayload = maxPayload;
		this.a = this.#link(A, B);
		this.b = this.#link(B, A);
	}

	send(link: Link, number: number): void {
		this.write(link, number, 4);
	}

	write(link: Link, number: number, size: number): void {
		const parcel = Buffer.alloc(size);
		parcel.writeUInt32BE(number);
		link.begin().raw(parcel);
		link.commit(true);
	}

	deliver(to: Link, frame: Buffer): void {
		const header = readHeader(frame);
		if (header) to.receive(header, frame);
		else this.malformed.push('no frame');
	}

	#link(self: string, peer: string): Link {
		const { clock } = this;
		return new Link({
			clock,
			self,
			peer,
			connected: () => this.connected,
			maxPayload: () => this.#maxPayload,
			flushSoon: (link) => setImmediate(() => link.flush()),
			arrived: (parcel) =>
				(self === A ? this.got.a : this.got.b).push((parcel.bytes as Buffer).readUInt32BE(parcel.at)) > 0,
			skipped: (types) => this.malformed.push(...types.map(() => 'skipped')),
			malformed: (why) => this.malformed.push(why),
			outOfOrder: (why) => void this.outOfOrder[why]++,
			stalled: () => this.stalls.push(self),
			publish: (bytes) => {
				this.wire.push({ from: self, frame: Buffer.from(bytes) });
				let frame = bytes as Buffer;
				const number = ++this.#published;
				const take = (): void => {
					frame = Buffer.from(bytes);
				};
				this.#held.push({ number, take });
				const { loss = 0, duplicate = 0, reorder = 0, slow = 1 } = this.weather;
				const to = (): void => {
					while (this.#held[0] && this.#held[0].number <= number) this.#held.shift()?.take();
					this.deliver(self === A ? this.b : this.a, frame);
				};
				const copies = clock.random() < loss ? 0 : clock.random() < duplicate ? 2 : 1;
				for (let copy = 0; copy < copies; copy++)
					clock.after(clock.random() < reorder ? 40 * clock.random() : slow, to);
			},
		});
	}
}

/** A hello in the name of a node, from somebody else. */
function forgedHello(from: string): Buffer {
	const hello = Buffer.alloc(HEADER + 8);
	writeHeader(hello, { type: HELLO, flags: 0, from: rawOf(from), cookie: NO_COOKIE, sequence: 0, ack: 0, finished: 0 });
	hello.writeBigUInt64BE(666n, HEADER);
	return hello;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('a link', () => {
	it('delivers each parcel once and in order, whatever the wire loses, repeats and reorders', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.nat(),
				fc.double({ min: 0, max: 0.4, noNaN: true }),
				fc.double({ min: 0, max: 0.4, noNaN: true }),
				async (seed, loss, other) => {
					const pair = new Pair(seed, { loss, duplicate: other, reorder: other });
					for (let number = 0; number < 60; number++) {
						pair.send(pair.a, number);
						if (number % 3 === 0) pair.send(pair.b, number / 3);
						if (number % 5 === 0) await pair.clock.advance(10);
					}
					await pair.clock.advance(120_000);
					expect(pair.got.b).to.deep.equal(upTo(60));
					expect(pair.got.a).to.deep.equal(upTo(20));
					expect(pair.a.pending + pair.b.pending).to.equal(0);
				},
			),
			{ numRuns: 25 },
		);
	});

	it('writes over no frame that was sent again and that the wire may still hold, though the first has arrived', async () => {
		for (const slow of [0.6, 1.2, 2.5, 4]) {
			const pair = new Pair(1, { slow: slow * ACK_TIMEOUT });
			for (const number of upTo(200)) {
				pair.write(pair.a, number, 30_000 + 100 * number);
				await pair.clock.advance(ACK_TIMEOUT / 4);
			}
			await pair.clock.advance(120_000);
			expect(pair.malformed, `${slow}`).to.deep.equal([]);
			expect(pair.got.b, `${slow}`).to.deep.equal(upTo(200));
			expect(pair.wire.length).to.be.above(400);
		}
	});

	it('packs what is written in one turn into one frame', async () => {
		const pair = new Pair(1);
		for (const number of upTo(1_000)) pair.send(pair.a, number);
		await pair.clock.advance(100);
		expect(pair.got.b).to.deep.equal(upTo(1_000));
		expect(pair.wire.filter(({ from, frame }) => from === A && frame[2] === DATA)).to.have.lengthOf(1);
	});

	it('sends again what was on its way when the transport went away', async () => {
		const pair = new Pair(1, { loss: 1 });
		pair.send(pair.a, 0);
		await pair.clock.advance(100);
		pair.weather = {};
		pair.connected = false;
		pair.send(pair.a, 1);
		await pair.clock.advance(10_000);
		expect(pair.got.b).to.deep.equal([]);
		expect(pair.stalls).to.include(A);
		pair.connected = true;
		pair.a.reconnected();
		await pair.clock.advance(100);
		expect(pair.got.b).to.deep.equal([0, 1]);
	});

	it('asks a silent peer with one frame, and sends it the rest only when it answers', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		await pair.clock.advance(100);
		pair.weather = { loss: 1 };
		pair.wire.length = 0;
		for (const number of upTo(100)) {
			pair.send(pair.a, number + 1);
			await pair.clock.advance(1);
		}
		await pair.clock.advance(20_000);
		for (const number of upTo(100)) {
			pair.send(pair.a, number + 101);
			await pair.clock.advance(1);
		}
		const sequences = pair.wire.map(({ frame }) => readHeader(frame)?.sequence ?? 0);
		expect(sequences.slice(0, 100)).to.deep.equal(upTo(100).map((number) => number + 2));
		expect([...new Set(sequences.slice(100))], 'the oldest only').to.deep.equal([2]);
		expect(sequences.length).to.be.within(108, 112);
		pair.weather = {};
		await pair.clock.advance(2_100);
		expect(pair.got.b).to.deep.equal(upTo(201));
		expect(pair.a.idle).to.equal(true);
	});

	it('sends at once what was lost while the transport of the peer was away', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		await pair.clock.advance(100);
		pair.weather = { loss: 1 };
		for (const number of [1, 2]) {
			pair.send(pair.a, number);
			await pair.clock.advance(2);
		}
		pair.weather = {};
		pair.b.reconnected();
		await pair.clock.advance(20);
		expect(pair.got.b).to.deep.equal([0, 1, 2]);
	});

	it('repairs one lost frame at once, without waiting for a timeout', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		await pair.clock.advance(100);
		pair.weather = { loss: 1 };
		pair.send(pair.a, 1);
		await pair.clock.advance(5);
		pair.weather = {};
		pair.send(pair.a, 2);
		await pair.clock.advance(20);
		expect(pair.got.b).to.deep.equal([0, 1, 2]);
	});

	it('keeps no more on the wire than the window, and goes on when it is acknowledged', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		await pair.clock.advance(50);
		pair.weather = { loss: 1 };
		pair.wire.length = 0;
		const size = 200_000;
		const count = Math.ceil((2 * LINK_WINDOW) / size);
		for (const number of upTo(count)) pair.write(pair.a, number + 1, size);
		await pair.clock.advance(50);
		const sent = pair.wire.reduce((bytes, { frame }) => bytes + frame.length, 0);
		expect(sent).to.be.within(LINK_WINDOW - size, LINK_WINDOW + size + HEADER * 100);
		pair.weather = {};
		await pair.clock.advance(10_000);
		expect(pair.got.b).to.deep.equal(upTo(count + 1));
	});

	it('sends no frame beyond what the server takes, however little that is', async () => {
		const pair = new Pair(1, {}, 10_000);
		for (const number of upTo(100)) pair.write(pair.a, number, 900);
		pair.write(pair.a, 100, 50_000);
		await pair.clock.advance(1_000);
		expect(Math.max(...pair.wire.map(({ frame }) => frame.length))).to.be.at.most(10_000);
		expect(pair.got.b.filter((number) => number < 100)).to.deep.equal(upTo(100));
	});

	it('says when more would wait than may', () => {
		const pair = new Pair(1);
		pair.connected = false;
		let written = 0;
		while (!pair.a.full) {
			pair.write(pair.a, 0, 200_000);
			written += 200_000;
		}
		expect(written).to.be.within(OUTBOX - 500_000, OUTBOX + 500_000);
	});

	it('keeps little more memory than what waits fills, even after a large parcel', async () => {
		const pair = new Pair(1, { loss: 1 });
		for (const size of [200_000, ...Array<number>(100).fill(20_000)]) {
			pair.write(pair.a, 0, size);
			await pair.clock.advance(0);
		}
		const waiting = pair.a.close();
		expect(waiting).to.have.lengthOf(101);
		const memory = [...new Set(waiting.map(({ buffer }) => buffer))];
		const bytes = memory.reduce((sum, { byteLength }) => sum + byteLength, 0);
		expect(bytes).to.be.below(1.1 * (200_000 + 100 * 20_000));
	});

	it('hands back what the peer has not acknowledged when it is closed', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		await pair.clock.advance(100);
		pair.weather = { loss: 1 };
		pair.send(pair.a, 1);
		await pair.clock.advance(10);
		pair.send(pair.a, 2);
		expect(pair.a.close().map((parcel) => parcel.readUInt32BE(0))).to.deep.equal([1, 2]);
	});

	it('reports how many messages have been finished, even when nothing else is said', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		await pair.clock.advance(100);
		pair.b.finish();
		await pair.clock.advance(100);
		expect(pair.a.peerFinished).to.equal(1);
	});

	it('refuses a frame without the cookie it gave to the sender, and counts it', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		await pair.clock.advance(100);
		const honest = pair.wire.find(({ from, frame }) => from === A && frame[2] === DATA)?.frame as Buffer;
		const forged = Buffer.from(honest);
		forged.writeBigUInt64BE(1n, 20);
		forged.writeUIntBE(2, 28, 6);
		pair.deliver(pair.b, forged);
		await pair.clock.advance(100);
		expect(pair.got.b).to.deep.equal([0]);
		expect(pair.malformed).to.have.lengthOf(1);
	});

	it('recovers when somebody else has said hello in its name', async () => {
		const pair = new Pair(1);
		const hello = Buffer.alloc(HEADER + 8);
		pair.send(pair.a, 0);
		await pair.clock.advance(0);
		(pair.wire.find(({ frame }) => frame[2] === HELLO)?.frame as Buffer).copy(hello);
		hello.writeBigUInt64BE(666n, HEADER);
		pair.deliver(pair.b, hello);
		pair.send(pair.b, 7);
		await pair.clock.advance(5_000);
		expect(pair.got).to.deep.equal({ a: [7], b: [0] });
	});

	it('recovers without another wait when somebody has said hello in its name and the answer was lost', async () => {
		const pair = new Pair(1, { loss: 1 });
		pair.deliver(pair.b, forgedHello(A));
		await pair.clock.advance(10);
		pair.weather = {};
		pair.send(pair.b, 7);
		await pair.clock.advance(ACK_TIMEOUT + 20);
		expect(pair.got.a).to.deep.equal([7]);
		expect(pair.malformed).to.have.lengthOf(1);
	});

	it('tells its cookie again to a peer that was told another, and refuses what came with that', async () => {
		const pair = new Pair(1, { loss: 1 });
		pair.deliver(pair.b, forgedHello(A));
		await pair.clock.advance(10);
		expect(pair.wire, 'the answer, which is lost: A knows nothing of it').to.have.lengthOf(1);
		pair.weather = {};
		// A has nothing to send, so that nothing but B's frames can make it speak.
		for (const number of upTo(3)) {
			pair.send(pair.b, number);
			await pair.clock.advance(2);
		}
		await pair.clock.advance(5_000);
		expect(pair.got).to.deep.equal({ a: [0, 1, 2], b: [] });
		expect(pair.b.pending).to.equal(0);
		expect([...new Set(pair.malformed)]).to.deep.equal(['a frame without the cookie that its sender was given']);
	});

	for (const [what, weather] of [
		['whose answers cross', {}],
		['whose answers are lost', { loss: 1 }],
	] as const) {
		it(`recovers with a few frames when somebody has said hello in the names of both, ${what}`, async () => {
			const pair = new Pair(1, weather);
			pair.deliver(pair.a, forgedHello(B));
			pair.deliver(pair.b, forgedHello(A));
			await pair.clock.advance(10);
			pair.weather = {};
			pair.send(pair.a, 1);
			pair.send(pair.b, 2);
			await pair.clock.advance(5_000);
			expect(pair.got).to.deep.equal({ a: [2], b: [1] });
			expect(pair.wire.length).to.be.below(20);
		});
	}

	it('keeps the cookie that has been proved, whoever says hello', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		pair.send(pair.b, 0);
		await pair.clock.advance(100);
		pair.deliver(pair.b, forgedHello(A));
		pair.send(pair.b, 1);
		await pair.clock.advance(100);
		expect(pair.got.a).to.deep.equal([0, 1]);
		expect(pair.malformed).to.deep.equal([]);
	});

	it('tells its cookie again at a modest rate, however many frames come without it', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		await pair.clock.advance(100);
		pair.wire.length = 0;
		const forged = Buffer.alloc(HEADER);
		writeHeader(forged, { type: DATA, flags: 0, from: rawOf(A), cookie: NO_COOKIE, sequence: 2, ack: 0, finished: 0 });
		for (let ms = 0; ms < 1_000; ms += 10) {
			pair.deliver(pair.b, forged);
			await pair.clock.advance(10);
		}
		expect(pair.malformed).to.have.lengthOf(100);
		expect(pair.wire).to.have.lengthOf(2);
	});

	it('takes a repeated frame once, and acknowledges it again', async () => {
		const pair = new Pair(1);
		pair.send(pair.a, 0);
		await pair.clock.advance(100);
		const frame = pair.wire.find(({ from, frame }) => from === A && frame[2] === DATA)?.frame as Buffer;
		pair.wire.length = 0;
		pair.deliver(pair.b, frame);
		await pair.clock.advance(100);
		expect(pair.got.b).to.deep.equal([0]);
		expect(pair.wire).to.have.lengthOf(1);
	});

	it('lives through any bytes at all', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(3), (noise, type) => {
				const pair = new Pair(1);
				const frame = Buffer.concat([Buffer.from([0x54, 1, type]), Buffer.from(noise)]);
				pair.deliver(pair.b, frame);
				pair.deliver(pair.b, asBuffer(noise));
				expect(pair.got.b).to.deep.equal([]);
			}),
		);
	});
});
