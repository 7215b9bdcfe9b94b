import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { FRAME, FULL_FRAME } from '../../../runtime/core/config.ts';
import { parcelsOf } from '../../../runtime/link/frame.ts';
import { Framer } from '../../../runtime/link/framer.ts';
import { PAGE } from '../../../runtime/link/pages.ts';

const KIB = 1_024;

/** A framer, and what has become of its frames. */
class Desk {
	readonly frames: Buffer[] = [];
	/** The pages that were lent and have not been given back. */
	lent: Uint8Array[] = [];
	readonly framer = new Framer(
		() => 1_024 * KIB,
		(frame, _messages, page) => {
			this.frames.push(frame);
			if (page) this.lent.push(page);
		},
	);

	/** Writes one parcel for each size and ends the turn. */
	turn(...sizes: readonly number[]): void {
		for (const size of sizes) {
			this.framer.begin().raw(new Uint8Array(size));
			this.framer.commit(true);
		}
		this.framer.seal();
	}

	/** The peer has all that was sent. */
	acknowledge(): void {
		for (const page of this.lent) this.framer.takeBack(page);
		this.lent = [];
		this.frames.length = 0;
	}
}

/** Bytes of the memory that these frames keep alive, and what of it they fill. */
function memoryOf(frames: readonly Buffer[]): { kept: number; filled: number } {
	const memory = new Set(frames.map(({ buffer }) => buffer));
	return {
		kept: [...memory].reduce((bytes, { byteLength }) => bytes + byteLength, 0),
		filled: frames.reduce((bytes, { length }) => bytes + length, 0),
	};
}

describe('a framer', () => {
	it('lets no frame keep more than four times its size in memory, whatever was written before', () => {
		const sizes = fc.oneof(
			fc.integer({ min: 1, max: 200 }),
			fc.integer({ min: 1, max: 20 * KIB }),
			fc.integer({ min: 1, max: 300 * KIB }),
		);
		const turn = fc.record({ sizes: fc.array(sizes, { minLength: 1, maxLength: 20 }), acknowledged: fc.boolean() });
		fc.assert(
			fc.property(fc.array(turn, { maxLength: 20 }), (turns) => {
				const desk = new Desk();
				for (const { sizes, acknowledged } of turns) {
					desk.turn(...sizes);
					const { kept, filled } = memoryOf(desk.frames);
					// Frames below half of the engine's pool share that.
					expect(kept).to.be.at.most((8 / 3) * filled + 2 * Buffer.poolSize);
					if (acknowledged) desk.acknowledge();
				}
			}),
		);
	});

	it('lends the page of a frame that fills three eighths of it, and copies a smaller one', () => {
		const desk = new Desk();
		desk.turn(200 * KIB);
		desk.turn((3 / 8) * PAGE);
		desk.turn((3 / 8) * PAGE - KIB);
		const [large, enough, less] = desk.frames.map(({ buffer }) => buffer.byteLength);
		expect(large).to.be.within(200 * KIB, 256 * KIB);
		expect(enough).to.equal(PAGE);
		expect(less).to.equal((desk.frames[2] as Buffer).length);
		expect(desk.lent).to.have.lengthOf(2);
	});

	it('writes on a small page for as long as little is written, and again when it has rested', () => {
		const desk = new Desk();
		for (let size = 1; size < 4_000; size += 50) desk.turn(size);
		expect(desk.lent).to.deep.equal([]);
		expect(desk.framer.begin().bytes.length).to.equal(4 * KIB);
		desk.turn(40 * KIB, 40 * KIB);
		expect(desk.framer.begin().bytes.length).to.equal(PAGE);
		desk.acknowledge();
		desk.framer.trim(false);
		expect(desk.framer.begin().bytes.length).to.equal(4 * KIB);
	});

	it('uses the pages again that come back, those of large parcels too', () => {
		const desk = new Desk();
		const write = (): Set<Uint8Array> => {
			for (let i = 0; i < 100; i++) for (const size of [60, 200, 1_000]) desk.turn(size * KIB);
			return new Set(desk.lent);
		};
		write();
		desk.acknowledge();
		const pages = write();
		desk.acknowledge();
		const again = write();
		expect([...again].filter((page) => !pages.has(page))).to.have.lengthOf.at.most(1);
		expect(new Set([...again].map(({ length }) => length))).to.deep.equal(new Set([PAGE, FRAME]));
		desk.acknowledge();
		desk.framer.trim(false);
		expect([...write()].filter((page) => again.has(page))).to.deep.equal([]);
	});

	it('keeps as many pages as were in use at once since it was last trimmed', () => {
		const desk = new Desk();
		const write = (frames: number): Set<Uint8Array> => {
			for (let i = 0; i < frames; i++) desk.turn(60 * KIB);
			const pages = new Set(desk.lent);
			desk.acknowledge();
			return pages;
		};
		const many = write(100);
		desk.framer.trim(true);
		write(10);
		desk.framer.trim(true);
		expect([...write(100)].filter((page) => many.has(page))).to.have.lengthOf.within(9, 11);
	});

	it('seals a full frame at once, so that large parcels need neither larger pages nor to be moved', () => {
		const desk = new Desk();
		const large = Array<number>(20).fill(FULL_FRAME);
		desk.turn(FULL_FRAME);
		desk.acknowledge();
		desk.turn(...large);
		const first = new Set(desk.lent);
		expect(desk.frames.flatMap(parcelsOf).map(({ length }) => length)).to.deep.equal(large);
		expect([...first].map(({ length }) => length)).to.deep.equal(Array(20).fill(PAGE));
		desk.acknowledge();
		desk.turn(...large);
		// The first was written on the page that was at hand.
		expect(desk.lent.filter((page) => first.has(page))).to.have.lengthOf(19);
	});

	it('goes on with the parcel that is being written when it seals the frame before it', () => {
		const desk = new Desk();
		const parcels = [30, 20, 30, 200, 1, 63, 70].map((size, index) => Buffer.alloc(size * KIB, index + 1));
		for (const parcel of parcels) {
			const out = desk.framer.begin();
			out.raw(parcel.subarray(0, KIB));
			out.raw(parcel.subarray(KIB));
			desk.framer.commit(false);
		}
		desk.framer.seal();
		expect(desk.frames.flatMap(parcelsOf)).to.deep.equal(parcels);
	});
});
