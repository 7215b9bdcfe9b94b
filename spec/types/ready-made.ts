/** Pipelines, groups, pools and topics: what each word makes of an element's type, and what does not compile. */

import {
	Actor,
	type ActorSystem,
	type Member,
	type Pipeline,
	pipeline,
	type Running,
	type Subscription,
} from '../../index.ts';
import { is, type Same } from './same.ts';

declare const system: ActorSystem;

class Clerk extends Actor<{ rate: number }> {
	static readonly kind = 'clerk';
	quote(weight: number) {
		return weight * this.args.rate;
	}
}

// ------------------------------------------------------------------------------------------------------------ pipelines

const flow = pipeline('types').from(['a', 'b']);
flow
	.map((text) => {
		is<Same<typeof text, string>>();
		return text.length;
	})
	.map(async (length) => {
		is<Same<typeof length, number>>();
		return BigInt(length);
	})
	.filter((big) => {
		is<Same<typeof big, bigint>>();
		return big > 1n;
	});
flow.filter((text): text is 'a' => text === 'a').tee((a) => is<Same<typeof a, 'a'>>());
flow.flatMap((text) => [text, 1]).tee((one) => is<Same<typeof one, string | number>>());
flow.batch({ size: 2 }).map((list) => is<Same<typeof list, readonly string[]>>());
flow
	.batch({ size: 2 })
	.keyBy((text) => {
		is<Same<typeof text, string>>();
		return text;
	})
	.map((list) => is<Same<typeof list, readonly string[]>>());
flow.scan((sum, text) => sum + text.length, 0).tee((sum) => is<Same<typeof sum, number>>());
flow
	.map(Number)
	.recover((error, element) => {
		is<Same<typeof error, unknown>>();
		return String(element);
	})
	.tee((one) => is<Same<typeof one, number | string>>());
flow.zip([1]).tee((pair) => is<Same<typeof pair, readonly [string, number]>>());
flow.merge([1]).tee((one) => is<Same<typeof one, string | number>>());
const whole = flow.to((text) => is<Same<typeof text, string>>());
is<Same<typeof whole, Pipeline>>();
is<Same<Awaited<ReturnType<typeof whole.run>>, Running>>();

// @ts-expect-error: a sink of other elements
flow.to((n: number) => n);
// @ts-expect-error: no such option
flow.map((text) => text, { workrs: 2 });
// @ts-expect-error: not a place
flow.map((text) => text, { on: 'worker' });
// @ts-expect-error: a pipeline that has no sink cannot be run
flow.run(system);

// ------------------------------------------------------------------------------------------------------ groups and pools

const clerks = system.group(Clerk, 'clerks');
is<Same<ReturnType<typeof clerks.ask.quote>, Promise<number>>>();
is<Same<ReturnType<typeof clerks.tell.quote>, void>>();
is<Same<ReturnType<ReturnType<typeof clerks.scatter>['quote']>, Promise<readonly number[]>>>();
is<Same<ReturnType<typeof clerks.members>, readonly Member[]>>();
// @ts-expect-error: no such message
clerks.ask.quota(1);
// @ts-expect-error: another argument
clerks.broadcast.quote('1');
// @ts-expect-error: no such route
system.group(Clerk, 'clerks', { route: 'best' });

const pool = await system.pool(Clerk, { size: 2, args: { rate: 1 } });
is<Same<ReturnType<typeof pool.ask.quote>, Promise<number>>>();
// @ts-expect-error: another argument of its workers
await system.pool(Clerk, { args: { rate: '1' } });

// --------------------------------------------------------------------------------------------------------------- topics

const prices = system.topic<number>('prices');
is<Same<ReturnType<typeof prices.publish>, void>>();
const subscription = prices.subscribe();
is<Same<typeof subscription, Subscription<number>>>();
prices.subscribe((price, name) => {
	is<Same<typeof price, number>>();
	is<Same<typeof name, string>>();
});
// @ts-expect-error: another value
prices.publish('1');
