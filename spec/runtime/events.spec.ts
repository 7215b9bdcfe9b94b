import { expect } from 'chai';
import { describe, it } from 'mocha';
import { EventStream } from '../../runtime/core/events.ts';

const EVENT = { code: 'X', message: 'x' };

describe('listeners', () => {
	it('that listen once, and again when they are told, are told once for each event', () => {
		const stream = new EventStream(() => {});
		let told = 0;
		const again = (): void => {
			if (++told < 10) stream.once('warning', again);
		};
		stream.once('warning', again);
		stream.emit('warning', EVENT);
		expect(told).to.equal(1);
		stream.emit('warning', EVENT);
		expect(told).to.equal(2);
	});

	it('are not told any more when one before them has ended that', () => {
		const stream = new EventStream(() => {});
		let told = 0;
		stream.on('warning', () => cancel());
		const cancel = stream.on('warning', () => told++);
		stream.emit('warning', EVENT);
		expect(told).to.equal(0);
	});

	for (const [how, listen] of [
		[
			'throw',
			() => {
				throw new Error('bad');
			},
		],
		[
			'return a promise that rejects',
			async () => {
				throw new Error('bad');
			},
		],
	] as const) {
		it(`that ${how} are reported, and harm nobody else`, async () => {
			const failed: string[] = [];
			const stream = new EventStream((event, error) => failed.push(`${event}: ${(error as Error).message}`));
			let told = 0;
			stream.on('warning', listen);
			stream.once('warning', listen);
			stream.on('warning', () => told++);
			stream.emit('warning', EVENT);
			await new Promise(setImmediate);
			expect(failed).to.deep.equal(['warning: bad', 'warning: bad']);
			expect(told).to.equal(1);
		});
	}
});
