import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Fifo } from '../../../runtime/mailbox/fifo.ts';
import { Heap } from '../../../runtime/mailbox/heap.ts';

const steps = fc.array(
	fc.oneof({ weight: 3, arbitrary: fc.nat(9) }, { weight: 2, arbitrary: fc.constant('shift' as const) }),
	{ maxLength: 200, size: 'max' },
);

describe('a queue in the order of arrival', () => {
	it('does what an array does, whatever is pushed and taken', () => {
		fc.assert(
			fc.property(steps, (script) => {
				const fifo = new Fifo<number>();
				const model: number[] = [];
				for (const step of script) {
					if (step === 'shift') expect(fifo.shift()).to.equal(model.shift());
					else {
						fifo.push(step);
						model.push(step);
					}
					expect(fifo.length).to.equal(model.length);
					expect(fifo.at(model.length - 1)).to.equal(model.at(-1));
				}
				expect([...fifo]).to.deep.equal(model);
			}),
		);
	});

	it('holds a hundred thousand and gives each back once, in order', () => {
		const fifo = new Fifo<number>();
		for (let value = 0; value < 100_000; value++) fifo.push(value);
		for (let value = 0; value < 100_000; value++) if (fifo.shift() !== value) expect.fail(`lost ${value}`);
		expect(fifo.shift()).to.equal(undefined);
		fifo.push(1);
		expect(fifo.shift()).to.equal(1);
	});
});

describe('a heap', () => {
	it('hands out the most urgent first, and equals in the order they came', () => {
		fc.assert(
			fc.property(steps, (script) => {
				let order = 0;
				const heap = new Heap<{ readonly value: number; readonly order: number }>(({ value }) => value);
				const model: { value: number; order: number }[] = [];
				for (const step of script) {
					if (step === 'shift') {
						model.sort((a, b) => b.value - a.value || a.order - b.order);
						expect(heap.shift()).to.equal(model.shift());
						continue;
					}
					const item = { value: step, order: order++ };
					heap.push(item);
					model.push(item);
				}
				expect(heap.length).to.equal(model.length);
			}),
		);
	});

	it('drops the least urgent, and of equals the one that came last', () => {
		const heap = new Heap<string>((item) => Number(item[0]));
		for (const item of ['2a', '1a', '3a', '1b', '2b']) heap.push(item);
		expect([heap.drop(), heap.drop(), heap.drop()]).to.deep.equal(['1b', '1a', '2b']);
		expect([heap.shift(), heap.shift(), heap.shift()]).to.deep.equal(['3a', '2a', undefined]);
	});
});
