/**
 * Frames that somebody has forged, replayed or held back, on a node's own subject: from a stranger who can publish
 * there, and from one who can also read what goes over it, cookies included. (In NATS, permissions keep both out.)
 */

import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import * as v from 'valibot';
import { Actor, type ActorSystem, type MessageSchema } from '../../../index.ts';
import { Codec } from '../../../runtime/codec/codec.ts';
import { FRAME } from '../../../runtime/core/config.ts';
import {
	DATA,
	HEADER,
	HELLO,
	type Header,
	LENGTH,
	rawOf,
	readHeader,
	writeHeader,
} from '../../../runtime/link/frame.ts';
import {
	ACCEPTED,
	ASK,
	CHUNK,
	DEFINE_METHOD,
	FAIL,
	PASSED,
	REPLY,
	RETURN,
	TELL,
} from '../../../runtime/link/parcel.ts';
import type { MemoryTransport } from '../../../runtime/transport/memory.ts';
import { ATTACKS } from '../../support/attacks.ts';
import { Lab } from '../../support/lab.ts';
import { mutated, numbersFrom, RUNS, SEED } from '../../support/mutation.ts';
import { sealed } from '../../support/pollution.ts';
import { tap } from '../../support/tap.ts';
import { anyValue } from '../codec/values.ts';

const STALL_MS = 50;

class Target extends Actor {
	static readonly kind = 'target';
	#count = 0;

	hit(): number {
		return ++this.#count;
	}

	count(): number {
		return this.#count;
	}
}

/** Notes whatever reaches it that its types would not have let in. */
class Cashier extends Actor {
	static readonly kind = 'cashier';
	static readonly messages: Record<string, MessageSchema> = {
		pay: [
			v.pipe(v.string(), v.minLength(1)),
			v.strictObject({ cents: v.pipe(v.number(), v.integer(), v.minValue(0)), tags: v.optional(v.array(v.string())) }),
		],
		note: v.picklist(['tea', 'milk']),
		close: [],
	};
	static handled = 0;
	static readonly wrong: unknown[] = [];

	pay(...args: unknown[]): number {
		const [who, amount] = args as [string, { cents: number; tags?: string[] }];
		const { cents, tags, ...more } = amount;
		return this.#see(
			args.length === 2 &&
				typeof who === 'string' &&
				who.length > 0 &&
				Number.isInteger(cents) &&
				cents >= 0 &&
				(tags === undefined || (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'))) &&
				Reflect.ownKeys(more).length === 0,
			args,
		);
	}

	note(...args: unknown[]): number {
		return this.#see(args.length === 1 && ['tea', 'milk'].includes(args[0] as string), args);
	}

	close(...args: unknown[]): number {
		return this.#see(args.length === 0, args);
	}

	#see(right: boolean, args: unknown[]): number {
		if (!right) Cashier.wrong.push(args);
		return ++Cashier.handled;
	}
}

const codec = new Codec();
const parcel = (type: number, numbers: readonly number[], value?: unknown): Buffer =>
	Buffer.concat([Buffer.from([type, ...numbers]), value === undefined ? Buffer.alloc(0) : codec.encode(value)]);

function frameOf(header: Partial<Header> & Pick<Header, 'from' | 'cookie'>, ...parcels: Buffer[]): Buffer {
	const parts = parcels.flatMap((bytes) => {
		const length = Buffer.alloc(LENGTH);
		length.writeUInt32BE(bytes.length);
		return [length, bytes];
	});
	const frame = Buffer.concat([Buffer.alloc(HEADER), ...parts]);
	writeHeader(frame, { type: DATA, flags: 0, sequence: 1, ack: 0, finished: 0, ...header });
	return frame;
}

describe('a node under attack on its own subject', () => {
	let lab: Lab;
	let host: ActorSystem;
	let peer: ActorSystem;
	let stranger: MemoryTransport;
	/** Frames that came for the host, as whoever may subscribe there has them. */
	let overheard: Buffer[];

	beforeEach(async () => {
		lab = new Lab();
		host = await lab.node({ node: 'host' });
		peer = await lab.node({ node: 'peer' });
		stranger = lab.bus.connect({ clock: lab.clock, name: 'stranger' });
		overheard = [];
		// What is empty asks for a sign of life, and is no frame.
		stranger.subscribe(subject(), (data) => void (data.length > 0 && overheard.push(Buffer.from(data))));
		await lab.during(host.spawn(Target, { id: 't' }));
		for (let n = 0; n < 5; n++) expect(await lab.during(peer.ref(Target, 't').ask.hit())).to.equal(n + 1);
		await lab.pass(100);
	});

	afterEach(async () => {
		await stranger.close();
		await lab.close();
	});

	const subject = (): string => `troupe.lab.n.${host.node.id}`;
	const headers = (): Header[] => overheard.flatMap((frame) => structuredClone(readHeader(frame)) ?? []);
	const hits = (): Promise<number> => lab.during(host.ref(Target, 't').ask.count());
	const malformed = (): number => host.stats().deadLetters.malformed ?? 0;

	async function publish(...frames: Buffer[]): Promise<void> {
		for (const frame of frames) stranger.publish(subject(), frame);
		await lab.pass(100);
	}

	/** Of the link from `from`: the cookie that proves its sender, and the number of its last frame. */
	function linkOf(from: string): { readonly cookie: string; readonly last: number } {
		const frames = headers().filter((header) => header.from === rawOf(from) && header.type === DATA);
		return { cookie: frames.at(-1)?.cookie ?? '', last: Math.max(...frames.map(({ sequence }) => sequence)) };
	}

	it('refuses frames in the name of a peer, of nobody, and of itself, and counts each', async () => {
		const hit = parcel(TELL, [1, 1, 0], []);
		const { last } = linkOf(peer.node.id);
		const nobody = '019a0000-0000-7000-8000-00000000000a';
		const cookie = randomBytes(8).toString('latin1');
		for (const from of [peer.node.id, nobody, host.node.id])
			await publish(frameOf({ from: rawOf(from), cookie, sequence: last + 1 }, hit));
		expect(malformed()).to.equal(3);
		expect(await hits()).to.equal(5);
		expect(await lab.during(peer.ref(Target, 't').ask.hit())).to.equal(6);
	});

	it('takes nothing twice that is replayed, hellos too, and counts each', async () => {
		const replayed = overheard.filter((frame) => readHeader(frame)?.type === DATA).length;
		expect(replayed).to.be.at.least(5);
		const before = host.refusedFrames();
		await publish(...overheard.slice());
		expect(host.refusedFrames()).to.deep.equal({ ...before, repeated: before.repeated + replayed });
		expect(await hits()).to.equal(5);
		expect(await lab.during(peer.ref(Target, 't').ask.hit())).to.equal(6);
		expect(host.stats().deadLetters).to.deep.equal({});
	});

	it('takes nothing ahead of its turn, and counts it', async () => {
		const { cookie, last } = linkOf(peer.node.id);
		const hit = parcel(TELL, [1, 1, 0], []);
		const before = host.refusedFrames();
		for (const ahead of [2, 3, 1_000, 2 ** 40])
			await publish(frameOf({ from: rawOf(peer.node.id), cookie, sequence: last + ahead }, hit));
		expect(host.refusedFrames()).to.deep.equal({ ...before, early: before.early + 4 });
		expect(await hits()).to.equal(5);
		expect(await lab.during(peer.ref(Target, 't').ask.hit())).to.equal(6);
	});

	it('refuses what comes from an incarnation of the past, and counts each', async () => {
		const frames = overheard.filter((frame) => readHeader(frame)?.from === rawOf(peer.node.id));
		const { cookie, last } = linkOf(peer.node.id);
		frames.push(frameOf({ from: rawOf(peer.node.id), cookie, sequence: last + 1 }, parcel(TELL, [1, 1, 0], [])));
		await lab.during(peer.stop());
		await lab.pass(100);
		expect(host.nodes()).to.have.lengthOf(1);
		const before = host.refusedFrames();
		await publish(...frames);
		expect(host.refusedFrames()).to.deep.equal({ ...before, stale: before.stale + frames.length });
		// Honest ones come as well, from whoever does not know yet: they are no noise.
		expect(malformed()).to.equal(0);
		expect(await hits()).to.equal(5);
	});

	it('refuses replies, failures, receipts and returns that nobody asked for, and acknowledgements of nothing', async () => {
		const { cookie, last } = linkOf(peer.node.id);
		const from = rawOf(peer.node.id);
		const parcels = [
			...[parcel(REPLY, [99], 'surprise'), parcel(FAIL, [99], new Error('x')), parcel(ACCEPTED, [99])],
			...[parcel(PASSED, [99]), parcel(RETURN, [ASK, 9, 9, 0, 99], [])],
		];
		for (const [n, bytes] of parcels.entries()) {
			await publish(frameOf({ from, cookie, sequence: last + 1 + n }, bytes));
			expect(malformed(), `parcel ${n}`).to.equal(n + 1);
		}
		await publish(frameOf({ from, cookie, sequence: last + 6, ack: 2 ** 40 }));
		expect(malformed()).to.equal(6);
		await publish(frameOf({ type: HELLO, from, cookie }));
		expect(malformed()).to.equal(7);
		expect(await hits()).to.equal(5);
	});

	for (const [what, bytes, most] of [
		['beginnings of large messages', Buffer.of(CHUNK, 0x80, 0x80, 0x80, 0x04, 0), 20_000],
		['nothing', Buffer.alloc(0), 60_000],
		['messages that cannot be read', parcel(TELL, [1, 1, 0, 0x9f]), 25_000],
	] as const) {
		it(`counts a frame full of ${what}, without a stall and without memory for it`, async () => {
			const { cookie, last } = linkOf(peer.node.id);
			const frames = [1, 2, 3].map((next) =>
				frameOf({ from: rawOf(peer.node.id), cookie, sequence: last + next }, ...Array<Buffer>(most).fill(bytes)),
			);
			const events: number[] = [];
			host.events.on('deadLetter', ({ count }) => events.push(count));
			const before = process.resourceUsage().maxRSS;
			let fastest = Number.POSITIVE_INFINITY;
			for (const frame of frames) {
				stranger.publish(subject(), frame);
				const start = performance.now();
				await lab.clock.advance(2);
				fastest = Math.min(fastest, performance.now() - start);
			}
			expect(fastest).to.be.below(STALL_MS);
			expect(malformed()).to.equal(3 * most);
			expect(events).to.have.lengthOf(3 * 65);
			expect(process.resourceUsage().maxRSS - before, 'KiB').to.be.below(100_000);
		});
	}

	it('refuses a frame beyond the largest that there are', async () => {
		const { cookie, last } = linkOf(peer.node.id);
		const hit = parcel(TELL, [1, 1, 0], []);
		await publish(frameOf({ from: rawOf(peer.node.id), cookie, sequence: last + 1 }, hit, Buffer.alloc(FRAME)));
		expect(malformed()).to.equal(1);
		expect(await hits()).to.equal(5);
	});

	it(`survives ${RUNS / 5} mutations of what it was sent, and goes on serving the others`, async () => {
		const third = await lab.node({ node: 'third' });
		const frames = overheard.slice();
		const number = numbersFrom(SEED + 3);
		const whole = sealed();
		const from = rawOf(peer.node.id);
		const { cookie, last } = linkOf(peer.node.id);
		let sequence = last;
		let slowest = 0;
		for (let run = 0; run < RUNS / 5; run++) {
			const bytes = Buffer.from(mutated(frames, number));
			// Half of them are proven and in order, as if the peer itself had gone mad.
			if (bytes.length >= HEADER && run % 2 === 0)
				writeHeader(bytes, { type: DATA, flags: 0, from, cookie, sequence: ++sequence, ack: 0, finished: 0 });
			stranger.publish(subject(), bytes);
			if (run % 100 !== 99) continue;
			overheard.length = 0;
			const start = process.cpuUsage();
			await lab.clock.advance(2);
			const { user, system } = process.cpuUsage(start);
			slowest = Math.max(slowest, (user + system) / 1_000);
			whole();
		}
		// Of this process alone, whatever else the machine does; for a hundred frames, and the collector.
		expect(slowest, 'ms').to.be.below(10 * STALL_MS);
		expect(malformed()).to.be.above(RUNS / 20);
		expect(await lab.during(third.ref(Target, 't').ask.count())).to.be.a('number');
	}).timeout(60_000 + RUNS);
});

describe('an actor with schemas, behind a link', () => {
	it(`gets nothing that its types would refuse, of ${RUNS} messages`, async () => {
		Cashier.handled = Cashier.wrong.length = 0;
		const lab = new Lab();
		const [host, peer] = await Promise.all([lab.node({ node: 'host' }), lab.node({ node: 'peer' })]);
		await lab.during(host.spawn(Cashier, { id: 'c', supervision: () => ({ kind: 'resume' }) as never }));
		await lab.during(peer.ref(Cashier, 'c').ask.note('tea'));
		const link = tap(peer, host.node.id);
		const names = ['pay', 'note', 'close'];
		const write = (bytes: Uint8Array): void => {
			link.begin().raw(bytes);
			link.commit(false);
		};
		for (const [index, name] of names.entries()) write(parcel(DEFINE_METHOD, [index + 9], name));

		const amount = fc.record(
			{ cents: fc.oneof(fc.nat(), anyValue), tags: fc.oneof(fc.array(fc.string()), anyValue), more: anyValue },
			{ requiredKeys: ['cents'] },
		);
		const payment = fc.tuple(
			fc.oneof(fc.string(), anyValue),
			fc.oneof(amount, fc.record({ cents: fc.nat() }), anyValue),
		);
		const anyArguments = fc.oneof(
			payment,
			fc.array(anyValue, { maxLength: 3 }),
			fc.tuple(fc.constantFrom('tea', 'milk')),
		);
		const values = fc.sample(anyArguments, { numRuns: 2_000, seed: SEED }).map((args) => codec.encode(args));
		const seeds = [...values, ...Object.values(ATTACKS).filter(({ length }) => length > 0)];
		const number = numbersFrom(SEED + 4);
		const whole = sealed();
		for (let run = 0; run < RUNS; run++) {
			const args = number(2) ? (seeds[number(seeds.length)] as Uint8Array) : mutated(seeds, number);
			write(Buffer.concat([Buffer.of(TELL, 1, 9 + number(names.length), 0), args]));
			if (run % 100 === 99) {
				await lab.pass(50);
				whole();
			}
		}
		await lab.pass(500);
		expect(Cashier.wrong).to.deep.equal([]);
		expect(Cashier.handled).to.be.above(RUNS / 50);
		const { deadLetters } = host.stats();
		expect(deadLetters['invalid-message']).to.be.above(RUNS / 10);
		expect(deadLetters.malformed).to.be.above(RUNS / 50);
		// Each of them was handled, or is a dead letter; and the first one.
		const dead = Object.values(deadLetters).reduce((sum, count) => sum + count, 0);
		expect(Cashier.handled + dead).to.equal(RUNS + 1);
		expect(await lab.during(peer.ref(Cashier, 'c').ask.note('milk'))).to.be.a('number');
		await lab.close();
	}).timeout(120_000 + RUNS);
});
