/** Options, durations and directives: a typo or a wrong unit does not compile. */

import {
	ActorSystem,
	allForOne,
	bounded,
	type Directive,
	type Duration,
	escalate,
	type natsPermissions,
	oneForOne,
	restart,
	restForOne,
	resume,
	type Stats,
	type Supervision,
	stop,
} from '../../index.ts';
import { memoryBus, VirtualClock } from '../../testkit.ts';
import { Counter, Greeter } from './cast.ts';
import { is, type Same } from './same.ts';

// ------------------------------------------------------------------------------------------------------------- systems

ActorSystem.start();
ActorSystem.start({
	name: 'shop',
	servers: ['nats://127.0.0.1:4222', 'nats://127.0.0.1:4223'],
	node: 'front',
	roles: ['web'],
	hosts: [Counter, Greeter],
	checks: 'strict',
	askTimeout: '5s',
	lease: 10_000,
	nats: { user: 'shop', pass: 'secret' },
	errors: [RangeError],
	log: console,
	clock: new VirtualClock(),
});
memoryBus('lab');

// @ts-expect-error: no such option
ActorSystem.start({ server: 'nats://127.0.0.1:4222' });
// @ts-expect-error: a server is a string
ActorSystem.start({ servers: 4222 });
// @ts-expect-error: roles are a list
ActorSystem.start({ roles: 'web' });
// @ts-expect-error: no such check
ActorSystem.start({ checks: 'loose' });
// @ts-expect-error: an instance is no class
ActorSystem.start({ hosts: [new Counter()] });
ActorSystem.start({ nats: { nkey: 'SU...', tls: { caFile: 'ca.pem' } } });
ActorSystem.start({ nats: { credentials: 'shop.creds', inboxPrefix: '_INBOX_shop' } });
is<Same<ReturnType<typeof natsPermissions>['publish'], readonly string[]>>();
// @ts-expect-error: a path, not the content
ActorSystem.start({ nats: { credentials: new Uint8Array() } });
// @ts-expect-error: no such credential
ActorSystem.start({ nats: { username: 'shop' } });
// @ts-expect-error: a system is started, not constructed
new ActorSystem();
ActorSystem.start({ name: undefined });

is<Same<ReturnType<ActorSystem['stats']>, Stats>>();
export async function disposable(): Promise<void> {
	await using system = await ActorSystem.start();
	system.stats();
}

// ----------------------------------------------------------------------------------------------------------- durations

const durations: readonly Duration[] = [0, 1.5, '500ms', '1.5s', '1m', '2h', '1d'];
// @ts-expect-error: parsecs are no unit of time
const parsecs: Duration = '5 parsecs';
// @ts-expect-error: a number in a string needs a unit
const bare: Duration = '500';
// @ts-expect-error: weeks are not offered
const weeks: Duration = '1w';
// To the compiler ' 5' is a number, too; what is wrong only by its spaces is refused when it is used (ERR_BAD_OPTION).
const spaced: Duration = '5 s';
// @ts-expect-error: a bigint is no number of milliseconds
const big: Duration = 5n;

// ---------------------------------------------------------------------------------------------------------- directives

const directives: readonly Directive[] = [restart(), resume(), stop(), escalate()];
is<Same<Directive['kind'], 'restart' | 'resume' | 'stop' | 'escalate'>>();
const supervisions: readonly Supervision[] = [
	restart({ maxRestarts: 3, within: '1m', retries: 1 }),
	() => stop(),
	(error) => (error instanceof TypeError ? resume() : escalate()),
];
restart({ backoff: { jitter: 0 } });

// @ts-expect-error: no such option
restart({ maxRetries: 3 });
// @ts-expect-error: parsecs are no unit of time
restart({ within: '5 parsecs' });
// @ts-expect-error: a directive is made by its function
const named: Directive = 'restart';
// @ts-expect-error: the function itself is no directive, nor does it take an error
const uncalled: Supervision = restart;
// @ts-expect-error: resume takes no options
resume({ maxRestarts: 3 });

oneForOne({ maxRestarts: 3, within: 60_000 });
// @ts-expect-error: no such option
allForOne({ max: 3 });
// @ts-expect-error: a count is a number
restForOne({ maxRestarts: '3' });
// @ts-expect-error: a capacity is a number
bounded({ capacity: '1000' });
// @ts-expect-error: no such option
bounded({ size: 1000 });

export { bare, big, directives, durations, named, parsecs, spaced, supervisions, uncalled, weeks };
