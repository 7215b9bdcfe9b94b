/** What can be spawned, with what, and where a ref comes from. */

import {
	Actor,
	type ActorRef,
	type ActorSystem,
	type AnyRef,
	bounded,
	child,
	priority,
	type RegisteredActor,
	restart,
	type SupervisorRef,
	supervisor,
	type Termination,
	type Whereabouts,
} from '../../index.ts';
import { Account, Counter, Greeter, LoudCounter } from './cast.ts';
import { is, type Same } from './same.ts';

declare const system: ActorSystem;

// --------------------------------------------------------------------------------------------------------------- args

is<Same<Awaited<ReturnType<typeof spawnCounter>>, ActorRef<Counter>>>();
function spawnCounter() {
	return system.spawn(Counter, { id: 'counter', args: { start: 10 } });
}

system.spawn(Counter);
system.spawn(Counter, {});
system.spawn(Counter, { args: {} });
system.spawn(Greeter);
system.spawn(Greeter, { id: 'greeter' });
system.spawn(Account, { args: { owner: 'ada' } });

// @ts-expect-error: args are required, and so are the options they are in
system.spawn(Account);
// @ts-expect-error: args are required
system.spawn(Account, { id: 'ada' });
// @ts-expect-error: a field of args is missing
system.spawn(Account, { args: {} });
// @ts-expect-error: a field of args has another type
system.spawn(Account, { args: { owner: 1 } });
// @ts-expect-error: a field of args is unknown
system.spawn(Account, { args: { owner: 'ada', limt: 3 } });
// @ts-expect-error: optional args are typed, too
system.spawn(Counter, { args: { start: '10' } });
// @ts-expect-error: an actor without args takes none
system.spawn(Greeter, { args: { start: 10 } });

// ------------------------------------------------------------------------------------------------------------- options

system.spawn(Counter, {
	mailbox: bounded({ capacity: 10, overflow: 'drop-oldest' }),
	supervision: (error) => (error instanceof RangeError ? restart({ within: '1m' }) : restart()),
	restart: 'temporary',
});
system.spawn(Counter, { mailbox: priority(({ name }) => (name === 'get' ? 1 : 0)) });
// @ts-expect-error: an ID is a string
system.spawn(Counter, { id: 1 });
// @ts-expect-error: no such option
system.spawn(Counter, { idd: 'counter' });
// @ts-expect-error: no such overflow policy
system.spawn(Counter, { mailbox: bounded({ overflow: 'drop' }) });
// @ts-expect-error: no such restart type
system.spawn(Counter, { restart: 'always' });
// @ts-expect-error: a supervision function is synchronous
system.spawn(Counter, { supervision: async () => restart() });
// @ts-expect-error: a supervision function answers with a directive
system.spawn(Counter, { supervision: () => 'restart' });

// ----------------------------------------------------------------------------------------------------------- placement

system.spawn(Counter, { on: 'role:worker' });
system.spawn(Counter, { on: `node:${system.node.id}` });
system.spawn(Counter, { id: 'counter', on: 'node:east', failover: true, args: { start: 10 } });
system.spawn(Account, { id: 'ada', failover: true, args: { owner: 'ada' } });
// @ts-expect-error: args are required elsewhere, too
system.spawn(Account, { on: 'role:worker' });
// @ts-expect-error: a role or a node
system.spawn(Counter, { on: 'worker' });
// @ts-expect-error: a place is a string
system.spawn(Counter, { on: system.node });
// @ts-expect-error: yes or no
system.spawn(Counter, { id: 'counter', failover: 'always' });
// @ts-expect-error: the children of a tree live with it
child(Counter, { on: 'role:worker' });
// @ts-expect-error: and go with it
child(Counter, { id: 'counter', failover: true });

// ------------------------------------------------------------------------------------------------------------- classes

class Kindless extends Actor {
	hello(): void {}
}
class Plain {
	static readonly kind = 'plain';
	hello(): void {}
}
abstract class Abstract extends Actor {
	static readonly kind = 'abstract';
	abstract hello(): void;
}
class Demanding extends Actor {
	static readonly kind = 'demanding';
	readonly what: string;

	constructor(what: string) {
		super();
		this.what = what;
	}
}
class BadMailbox extends Actor {
	static readonly kind = 'bad-mailbox';
	static readonly mailbox = { capacity: 'large' };
}
class BadSupervision extends Actor {
	static readonly kind = 'bad-supervision';
	static readonly supervision = 'restart';
}
class BadSchema extends Actor {
	static readonly kind = 'bad-schema';
	static readonly messages = { hello: 'string' };
	hello(): void {}
}

// @ts-expect-error: a class needs a kind
system.spawn(Kindless);
// @ts-expect-error: an abstract class cannot be constructed
system.spawn(Abstract);
// @ts-expect-error: the runtime constructs actors, without arguments: use args
system.spawn(Demanding);
// @ts-expect-error: a mailbox is made by bounded() or priority()
system.spawn(BadMailbox);
// @ts-expect-error: supervision is a directive, or a function
system.spawn(BadSupervision);
// @ts-expect-error: messages have Standard Schemas
system.spawn(BadSchema);
// @ts-expect-error: an instance is no class
system.spawn(new Counter());
// @ts-expect-error: a class that does not extend Actor
system.spawn(Plain);

// ---------------------------------------------------------------------------------------------------------------- refs

const counter: ActorRef<Counter> = system.ref(Counter, 'counter');
const base: ActorRef<Counter> = system.ref(LoudCounter, 'counter');
const untyped: AnyRef = system.ref('counter');
is<Same<ReturnType<typeof refOfCounter>, ActorRef<Counter>>>();
function refOfCounter() {
	return system.ref(Counter, 'counter');
}
// @ts-expect-error: of which actor?
system.ref(Counter);
// @ts-expect-error: an ID is a string
system.ref(Counter, 7);
// @ts-expect-error: a kind is no class
system.ref('counter', 'counter-1');

is<Same<Awaited<ReturnType<ActorSystem['whereis']>>, Whereabouts | undefined>>();
is<Same<Awaited<ReturnType<ActorSystem['actors']>>, readonly RegisteredActor[]>>();

// --------------------------------------------------------------------------------------------------------------- trees

const tree: Promise<SupervisorRef> = system.supervise([
	child(Counter, { id: 'counter', args: { start: 1 } }),
	child(Greeter),
	supervisor([child(Account, { args: { owner: 'ada' } })]),
]);
// @ts-expect-error: a child's args are required, too
child(Account);
// @ts-expect-error: a class alone is no child spec
system.supervise([Counter]);
// @ts-expect-error: a strategy is made by oneForOne(), allForOne() or restForOne()
system.supervise([child(Greeter)], 'one-for-one');

// ------------------------------------------------------------------------------------------------------ inside an actor

export class Parent extends Actor<{ size: number }> {
	static readonly kind = 'parent';

	work(): ActorRef<Account> {
		is<Same<typeof this.args, { size: number }>>();
		is<Same<typeof this.self, AnyRef>>();
		is<Same<typeof this.sender, AnyRef | undefined>>();
		is<Same<typeof this.signal, AbortSignal>>();
		this.watch(this.spawn(Counter));
		this.timers.every('1s', () => this.work(), 'work');
		// @ts-expect-error: parsecs are no unit of time
		this.timers.once('5 parsecs', () => {});
		// @ts-expect-error: a child's args are required, too
		this.spawn(Account);
		this.become({ work: () => 1 });
		// @ts-expect-error: a child lives with its parent
		this.spawn(Counter, { on: 'role:worker' });
		// @ts-expect-error: args do not change
		this.args = { size: 2 };
		return this.spawn(Account, { args: { owner: 'ada' } });
	}

	override onTerminated(ref: AnyRef, why: Termination): void {
		is<Same<typeof why.reason, 'stopped' | 'crashed' | 'node-down' | 'no-such-actor'>>();
		ref.equals(this.self);
	}

	// @ts-expect-error: a hook has the signature that the runtime calls it with
	override onRestart(_error: string, _attempt: number): void {}
}

// @ts-expect-error: what is the actor's own is not for others
new Counter().args;

export { base, counter, tree, untyped };
