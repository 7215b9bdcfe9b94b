/** What the compiler knows of a ref: the class's messages, their arguments, their replies, and nothing else. */

import type { ActorRef, AnyRef, MessageName } from '../../index.ts';
import type { Counter, Greeter, LoudCounter, Odd, Ping, Pong } from './cast.ts';
import { is, type Same } from './same.ts';

declare const counter: ActorRef<Counter>;
declare const loud: ActorRef<LoudCounter>;
declare const greeter: ActorRef<Greeter>;
declare const odd: ActorRef<Odd>;
declare const ping: ActorRef<Ping>;
declare const pong: ActorRef<Pong>;
declare const any: AnyRef;

// -------------------------------------------------------------------------------------------------------------- names

is<Same<MessageName<Counter>, 'add' | 'get' | 'reset' | 'scale' | 'load'>>();
is<Same<keyof typeof counter.ask, MessageName<Counter>>>();
is<Same<keyof typeof counter.tell, MessageName<Counter>>>();
is<Same<keyof typeof counter.send, MessageName<Counter>>>();

// @ts-expect-error: no such message
counter.ask.substract(1);
// @ts-expect-error: a hook is the runtime's to call
counter.tell.onStart();
// @ts-expect-error: a name with an underscore is no message
counter.tell._internal();
// @ts-expect-error: a #private method is nobody else's
counter.tell.secret();
// @ts-expect-error: nor is a private one
counter.tell.hidden();
// @ts-expect-error: nor a protected one
counter.tell.guarded();
// @ts-expect-error: what the base class has is the actor's own
counter.tell.spawn();
// @ts-expect-error: so is its context
counter.ask.args;
// @ts-expect-error: a field is no message
counter.ask.label;
// @ts-expect-error: an accessor is no message
counter.ask.doubled;
// @ts-expect-error: a ref has faces; messages are on those
counter.add(1);
// @ts-expect-error: a face is read-only
counter.ask.get = async () => 1;
// @ts-expect-error: so is a ref
counter.id = 'other';

// ---------------------------------------------------------------------------------------------------------- arguments

counter.tell.add(1);
counter.tell.reset();
counter.tell.reset(1);
counter.tell.scale();
counter.tell.scale(1, 2, 3);

// @ts-expect-error: an argument is missing
counter.tell.add();
// @ts-expect-error: an argument of another type
counter.tell.add('1');
// @ts-expect-error: one argument too many
counter.tell.add(1, 2);
// @ts-expect-error: one too many for an optional one
counter.tell.reset(1, 2);
// @ts-expect-error: a rest argument of another type
counter.tell.scale(1, '2');
// @ts-expect-error: send takes what the method takes
counter.send.add('1');
// @ts-expect-error: ask takes what the method takes
counter.ask.add('1');

is<Same<Parameters<typeof counter.ask.add>, [by: number]>>();
is<Same<Parameters<typeof counter.ask.reset>, [to?: number | undefined]>>();
is<Same<Parameters<typeof counter.ask.scale>, [by?: number | undefined, ...more: number[]]>>();

// ------------------------------------------------------------------------------------------------------------ replies

is<Same<ReturnType<typeof counter.tell.add>, void>>();
is<Same<ReturnType<typeof counter.send.add>, Promise<void>>>();
is<Same<ReturnType<typeof counter.ask.add>, Promise<number>>>();
is<Same<ReturnType<typeof counter.ask.scale>, Promise<bigint>>>();
is<Same<ReturnType<typeof counter.ask.load>, Promise<Map<string, Date>>>>();
is<Same<ReturnType<typeof counter.ask.reset>, Promise<void>>>();
is<Same<ReturnType<typeof odd.ask.either>, Promise<number | string>>>();
is<Same<ReturnType<typeof odd.ask.fail>, Promise<never>>>();

// @ts-expect-error: a reply comes later
const now: number = counter.ask.get();
// @ts-expect-error: a tell has no reply
const told: number = counter.tell.get();

// @ts-expect-error: a ref is not thenable
counter.then;
// @ts-expect-error: nor is a face
counter.ask.then;

// --------------------------------------------------------------------------------------------------- limits, as agreed

// A generic method degrades: its arguments and its reply are unknown.
is<Same<ReturnType<typeof odd.ask.echo>, Promise<unknown>>>();
is<Same<Parameters<typeof odd.ask.echo>, [value: unknown]>>();
// Of overloads, the last is the message.
is<Same<Parameters<typeof odd.ask.parse>, [text: string, radix: number]>>();
is<Same<ReturnType<typeof odd.ask.parse>, Promise<number>>>();
// @ts-expect-error: the first overload is not seen
odd.ask.parse('1');

// -------------------------------------------------------------------------------------------------------- call options

is<Same<ReturnType<typeof counter.with>, ActorRef<Counter>>>();
counter.with({ timeout: '500ms', signal: new AbortController().signal }).ask.get();
counter.with({ timeout: 500 });
// @ts-expect-error: parsecs are no unit of time
counter.with({ timeout: '5 parsecs' });
// @ts-expect-error: a unit is needed
counter.with({ timeout: '5' });
// @ts-expect-error: no such option
counter.with({ timeuot: 5 });

// ----------------------------------------------------------------------------------------------------- substitutability

const asBase: ActorRef<Counter> = loud;
// @ts-expect-error: not every counter shouts
const asDerived: ActorRef<LoudCounter> = counter;
// @ts-expect-error: another protocol altogether
const asOther: ActorRef<Greeter> = counter;

// A ref narrows to any part of its protocol.
const adder: ActorRef<{ add(by: number): number }> = counter;
is<Same<ReturnType<typeof adder.ask.add>, Promise<number>>>();
// @ts-expect-error: the part that was asked for, no more
adder.ask.get();
// @ts-expect-error: a part that it does not have
const closer: ActorRef<{ close(): void }> = counter;
// @ts-expect-error: a part with other arguments
const texter: ActorRef<{ add(by: string): number }> = counter;
// @ts-expect-error: a part with another reply
const namer: ActorRef<{ add(by: number): string }> = counter;

// ----------------------------------------------------------------------------------------------------- refs without types

const fits: readonly [ActorRef<Counter>, ActorRef<Greeter>, ActorRef<{ add(by: number): number }>] = [any, any, any];
any.tell['whatever']?.(1, 'two', {});
is<Same<ReturnType<NonNullable<(typeof any.ask)[string]>>, Promise<unknown>>>();
// @ts-expect-error: what it answers is not known
const known: Promise<number> = any.ask['get']?.();

// ------------------------------------------------------------------------------------------------------ refs in messages

ping.tell.start(pong);
pong.tell.pong(ping, 1);
pong.tell.pong(any, 1);
is<Same<ReturnType<typeof ping.ask.ping>, Promise<ActorRef<Pong>>>>();
// @ts-expect-error: a ref to the wrong actor
ping.tell.start(ping);
// @ts-expect-error: the actor itself is no ref to it
ping.tell.start(null as unknown as Pong);

// ------------------------------------------------------------------------------------------------------------- addresses

is<Same<typeof counter.id, string>>();
is<Same<typeof counter.path, string>>();
is<Same<typeof counter.kind, string>>();
is<Same<ReturnType<typeof counter.stop>, Promise<void>>>();
counter.equals(greeter);
// @ts-expect-error: an ID is no address
counter.equals('counter');

export { adder, asBase, asDerived, asOther, closer, fits, known, namer, now, texter, told };
