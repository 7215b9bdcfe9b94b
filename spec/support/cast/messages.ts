/** Fixtures that take messages, answer them, and pass them on. */

import * as v from 'valibot';
import {
	Actor,
	type ActorRef,
	type Address,
	type AnyRef,
	type MessageSchema,
	Rejection,
	resume,
} from '../../../index.ts';
import { journal, passing } from '../props.ts';

/** The actor of the design's first page. */
export class Counter extends Actor<{ start?: number }> {
	static readonly kind = 'counter';
	#total = this.args.start ?? 0;

	add(by: number): number {
		this.#total += by;
		return this.#total;
	}

	get(): number {
		return this.#total;
	}
}

/** Keeps what it is told, in the order in which it is told. */
export class Recorder extends Actor {
	static readonly kind = 'recorder';
	readonly #notes: unknown[] = [];

	note(value: unknown): unknown {
		this.#notes.push(value);
		return value;
	}

	notes(): readonly unknown[] {
		return [...this.#notes];
	}

	/** The ID of whoever asks, or `'nobody'`. */
	whoAsks(): string {
		return this.sender?.id ?? 'nobody';
	}

	/** Notes the ID of whoever says so. */
	noteSender(): void {
		this.#notes.push(this.sender?.id ?? 'nobody');
	}

	/** Answers `'hello'` to the sender's own `note`. */
	greetBack(): void {
		this.sender?.tell['note']?.('hello');
	}
}

/** Answers in every way there is. */
export class Echo extends Actor {
	static readonly kind = 'echo';
	static readonly supervision = resume();
	#kept: unknown;
	#inside = 0;
	#most = 0;

	echo(value: unknown): unknown {
		return value;
	}

	async echoLater(value: unknown): Promise<unknown> {
		await Promise.resolve();
		return value;
	}

	/** What it looks like from in here: class names, and what is in it. */
	look(value: unknown): string {
		return portrait(value);
	}

	sum(...numbers: number[]): number {
		return numbers.reduce((sum, number) => sum + number, 0);
	}

	nothing(): void {}

	keep(value: unknown): void {
		this.#kept = value;
	}

	kept(): unknown {
		return this.#kept;
	}

	/** Changes what it was given; against the contract. */
	spoil(value: { text: string }): void {
		value.text = 'spoiled';
	}

	answerWithFunction(): unknown {
		return { list: [{ onClick: () => {} }] };
	}

	reject(code: string, message: string, data?: unknown): never {
		throw new Rejection(code, message, { data });
	}

	async rejectLater(code: string): Promise<never> {
		await Promise.resolve();
		throw new Rejection(code, 'later');
	}

	rejectWithFunction(): never {
		throw new Rejection('SILLY', 'has a function in its data', { data: { list: [() => {}] } });
	}

	throwValue(value: unknown): never {
		throw value;
	}

	answerWithThenable(): unknown {
		// biome-ignore lint/suspicious/noThenProperty: that is the point
		return { then: (resolve: (value: string) => void) => resolve('awaited') };
	}

	failWithCause(): never {
		const cause = new RangeError('the root of it');
		throw Object.assign(new OutOfStock('nothing left', { cause }), { code: 'OUT', left: 0 });
	}

	bytes(count: number): Uint8Array {
		return new Uint8Array(count).fill(7);
	}

	size(bytes: Uint8Array): number {
		return bytes.length;
	}

	/** Waits at a gate; counts how many of its handlers run at a time. */
	async linger(gate: string): Promise<number> {
		this.#inside++;
		this.#most = Math.max(this.#most, this.#inside);
		await passing(gate);
		this.#inside--;
		return this.#most;
	}

	mostInside(): number {
		return this.#most;
	}

	args0(): unknown {
		return this.args;
	}
}

/** An error class of the application's own. */
export class OutOfStock extends Error {
	override readonly name = 'OutOfStock';
}

/** Passes messages on, in every kind of handler. */
export class Relay extends Actor {
	static readonly kind = 'relay';

	tellOn(to: ActorRef<Recorder>, value: unknown): void {
		to.tell.note(value);
	}

	async sendOn(to: ActorRef<Recorder>, value: unknown): Promise<void> {
		await to.send.note(value);
	}

	async askOn(to: ActorRef<Recorder>, value: unknown): Promise<unknown> {
		return await to.ask.note(value);
	}

	async whoAmITo(to: ActorRef<Recorder>): Promise<string> {
		return await to.ask.whoAsks();
	}

	async whoAmILater(to: ActorRef<Recorder>): Promise<string> {
		await new Promise<void>((resolve) => setImmediate(resolve));
		return await to.ask.whoAsks();
	}

	/** Not an async function: what it does after its promise is nobody's, and must not be another actor's. */
	tellWhenResolved(to: ActorRef<Recorder>): Promise<void> {
		return Promise.resolve().then(() => to.tell.noteSender());
	}

	async haveItTell(through: ActorRef<Relay>, to: ActorRef<Recorder>): Promise<void> {
		await Promise.resolve();
		await through.ask.tellWhenResolved(to);
	}

	async mixed(to: ActorRef<Recorder>, count: number): Promise<void> {
		const waits: Promise<unknown>[] = [];
		for (let i = 0; i < count; i++) {
			if (i % 3 === 0) to.tell.note(i);
			else if (i % 3 === 1) waits.push(to.send.note(i));
			else waits.push(to.ask.note(i));
		}
		await Promise.all(waits);
	}

	/** Tells after an await, from a timer and from a stand-in for a handler of its own. */
	tellFromElsewhere(to: ActorRef<Recorder>): void {
		const later = async (): Promise<void> => {
			await new Promise<void>((resolve) => setImmediate(resolve));
			to.tell.noteSender();
		};
		this.timers.once(0, later);
		this.become({ noted: later });
	}

	whoIs(ref: Address): { id: string; kind: string; path: string } {
		return { id: ref.id, kind: ref.kind, path: ref.path };
	}

	me(): AnyRef {
		return this.self;
	}

	isMe(ref: Address): boolean {
		return this.self.equals(ref);
	}

	async stopThat(ref: Address): Promise<void> {
		await ref.stop();
	}

	async stopYourself(): Promise<string> {
		await this.self.stop();
		return 'goodbye';
	}

	async call(ref: AnyRef, way: 'tell' | 'send' | 'ask', name: string): Promise<unknown> {
		return await (ref[way] as Record<string, (...args: unknown[]) => unknown>)[name]?.();
	}

	async greet(recorder: ActorRef<Recorder>): Promise<void> {
		recorder.tell.greetBack();
	}

	greetings: unknown[] = [];

	note(value: unknown): void {
		this.greetings.push(value);
	}

	noted(): readonly unknown[] {
		return this.greetings;
	}
}

/** Only the side that spawned it knows its class. */
export class Stranger extends Actor {
	static readonly kind = 'stranger';

	hail(name: string): string {
		return `hail, ${name}`;
	}
}

/** A base class of the application's: its public methods are messages of its heirs, too. */
abstract class Greeter extends Actor {
	greet(): string {
		return `I am ${this._name()}`;
	}

	protected abstract _name(): string;
}

/** What is on the prototype of an actor and is no message, and what is. */
export class Guarded extends Greeter {
	static readonly kind = 'guarded';
	field = (): string => 'an arrow function in a field';

	get getter(): () => string {
		return () => 'a function from a getter';
	}

	_hidden(): string {
		return 'hidden';
	}

	protected override onStop(): void {
		journal(this.self.id, 'onStop');
	}

	protected override _name(): string {
		return 'guarded';
	}

	override toString(): string {
		return 'a string';
	}

	#secret(): string {
		return 'secret';
	}

	open(): string {
		return this.#secret();
	}
}

/** Messages with schemas. */
export class Validated extends Actor {
	static readonly kind = 'validated';
	static readonly messages: Record<string, MessageSchema> = {
		add: v.number(),
		pay: [v.pipe(v.string(), v.trim(), v.minLength(1)), v.object({ cents: v.pipe(v.number(), v.integer()) })],
		later: v.pipeAsync(
			v.string(),
			v.checkAsync(async () => true),
		),
	};
	#total = 0;

	add(by: number): number {
		this.#total += by;
		return this.#total;
	}

	pay(who: string, amount: { cents: number }): string {
		return `${who}:${Object.entries(amount).flat().join('=')}`;
	}

	later(text: string): string {
		return text;
	}

	free(value: unknown): unknown {
		return value;
	}
}

/** What a value looks like to the code that got it. */
export function portrait(value: unknown): string {
	if (value === null) return 'null';
	if (typeof value === 'bigint') return `${value}n`;
	if (typeof value === 'string') return JSON.stringify(value);
	if (Object.is(value, -0)) return '-0';
	if (typeof value !== 'object') return String(value);
	const name = value.constructor?.name;
	if (value instanceof Date) return `Date(${value.getTime()})`;
	if (value instanceof Map) return `Map(${[...value].map(([key, item]) => `${portrait(key)}=>${portrait(item)}`)})`;
	if (value instanceof Set) return `Set(${[...value].map(portrait)})`;
	if (value instanceof Error) {
		const { code } = value as { code?: unknown };
		return `${name}<${value.name}>(${value.message},${portrait(code)},${portrait(value.cause)})`;
	}
	if (value instanceof ArrayBuffer) return `ArrayBuffer(${[...new Uint8Array(value)]})`;
	if (ArrayBuffer.isView(value)) {
		const { buffer, byteOffset, byteLength } = value;
		return `${name}(${value instanceof DataView ? [...new Uint8Array(buffer, byteOffset, byteLength)] : [...(value as Uint8Array)]})`;
	}
	if (Array.isArray(value)) return `[${value.map(portrait)}]`;
	if (isRef(value)) return `ref(${value.kind}:${value.id})`;
	return `{${Object.entries(value).map(([key, item]) => `${key}:${portrait(item)}`)}}`;
}

function isRef(value: object): value is AnyRef {
	return 'tell' in value && 'ask' in value && 'equals' in value;
}
