// #region pipelines
import { ActorSystem, pipeline } from '../../index.ts';

interface Order {
	readonly customer: string;
	readonly cents: number;
}

const lines = ['ada;1200', 'bob;x', 'ada;300', 'cleo;70', 'bob;500'];

function parse(line: string): Order {
	const [customer = '', cents] = line.split(';');
	if (!Number.isInteger(Number(cents))) throw new Error(`not a sum: ${cents}`);
	return { customer, cents: Number(cents) };
}

const sums = pipeline('sums')
	.from(lines) // anything that can be iterated: arrays, generators, streams, channels, files
	.map(parse, { workers: 2 }) // two actors share the work; the order stays
	.filter(({ cents }) => cents >= 100)
	.batch({ size: 2, within: '200ms' })
	.keyBy(({ customer }) => customer) // parts each batch by customer
	.map((orders) => `${orders[0]?.customer} ${orders.reduce((sum, { cents }) => sum + cents, 0)}`)
	.to((line) => console.log(line));

const system = await ActorSystem.start();
const run = sums.run(system, {
	deadLetters: ({ element, error }) => console.log('dead:', element, '-', (error as Error).message),
});
await run; // all is in the sink
console.log(run.stats().map(({ stage, in: taken, out }) => `${stage}: ${taken} in, ${out} out`));
console.log(sums.describe('text'));
await system.stop();
// #endregion

/* prints
dead: bob;x - not a sum: x
ada 1500
bob 500
[
  'map-1: 5 in, 4 out',
  'filter-2: 4 in, 3 out',
  'flatMap-4: 2 in, 2 out',
  'map-5: 2 in, 2 out',
  'sink-6: 2 in, 0 out'
]
pipeline 'sums'
  source
  → map-1 (workers 2)
  → filter-2
  → batch-3
  → flatMap-4
  → map-5 (by key)
  → sink-6
*/
