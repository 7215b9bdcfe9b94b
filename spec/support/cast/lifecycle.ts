/** Fixtures for hooks, timers, watches, behaviours and signals. */

import { Actor, type ActorRef, type Address, type AnyRef, type Termination } from '../../../index.ts';
import { journal, passing } from '../props.ts';
import { quickly } from './crashing.ts';
import type { Counter } from './messages.ts';

/** Watches others and keeps what it is told of their ends. */
export class Observer extends Actor {
	static readonly kind = 'observer';
	static readonly supervision = quickly;
	readonly #ends: { id: string; reason: string; error: unknown }[] = [];
	readonly #refs: AnyRef[] = [];

	begin(ref: Address): void {
		this.watch(ref);
	}

	/** Begins, and makes sure that it has begun there: what is asked behind the watch has been answered. */
	async beginThere(ref: ActorRef<Counter>): Promise<void> {
		this.watch(ref);
		await ref.ask.get();
	}

	end(ref: Address): void {
		this.unwatch(ref);
	}

	ends(): readonly { id: string; reason: string; error: unknown }[] {
		return [...this.#ends];
	}

	isSame(ref: Address): boolean {
		return this.#refs.every((seen) => seen.equals(ref));
	}

	crash(): never {
		throw new Error('the watcher crashed');
	}

	protected override onTerminated(ref: AnyRef, why: Termination): void {
		this.#ends.push({ id: ref.id, reason: why.reason, error: why.error });
		this.#refs.push(ref);
	}
}

/** Writes each step of its life into the journal of its ID. */
export class Diarist extends Actor<{ gate?: string } | undefined> {
	static readonly kind = 'diarist';
	static readonly supervision = quickly;

	constructor() {
		super();
		journal(this.self.id, 'constructor');
	}

	note(text: string): void {
		journal(this.self.id, text);
	}

	async slowly(gate: string): Promise<string> {
		journal(this.self.id, 'began');
		await passing(gate);
		journal(this.self.id, 'finished');
		return 'finished';
	}

	/** Ends when its signal does. */
	async untilAborted(): Promise<void> {
		const { signal } = this;
		journal(this.self.id, `same signal: ${signal === this.signal}, aborted: ${signal.aborted}`);
		await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
		journal(this.self.id, `aborted: ${(signal.reason as { code: string }).code}`);
	}

	listenToSignal(): void {
		const { signal } = this;
		signal.addEventListener('abort', () => journal(this.self.id, 'aborted'));
	}

	/** Stops itself in the middle of a handler, a timer, or an asynchronous timer. */
	stopInside(how: 'handler' | 'async handler' | 'timer' | 'async timer'): void | Promise<void> {
		const stopping = async (): Promise<void> => {
			await this.self.stop();
			journal(this.self.id, 'after the stop');
			await passing('never mind');
			journal(this.self.id, 'end of turn');
		};
		const stopAtOnce = (): void => {
			void this.self.stop();
			journal(this.self.id, 'end of turn');
		};
		if (how === 'handler') return stopAtOnce();
		if (how === 'async handler') return stopping();
		this.timers.once(0, how === 'timer' ? stopAtOnce : stopping);
	}

	signalIsFresh(): boolean {
		return !this.signal.aborted;
	}

	crash(): never {
		throw new Error('crash');
	}

	warn(text: string): void {
		this.log.warn('WARNED', { text });
	}

	systemName(): string {
		return this.system.name;
	}

	protected override async onStart(): Promise<void> {
		journal(this.self.id, 'onStart begins');
		if (this.args?.gate) await passing(this.args.gate);
		journal(this.self.id, 'onStart ends');
	}

	protected override async onRestart(error: unknown): Promise<void> {
		await Promise.resolve();
		journal(this.self.id, `onRestart ${(error as Error).message}`);
	}

	protected override async onStop(): Promise<void> {
		await Promise.resolve();
		journal(this.self.id, 'onStop');
	}
}

/** Its onStop fails. */
export class Clumsy extends Actor {
	static readonly kind = 'clumsy';

	hello(): string {
		return 'hello';
	}

	protected override onStop(): void {
		throw new Error('dropped it');
	}
}

type TimerStep =
	| readonly ['once' | 'every', number, string, string?]
	| readonly ['cancel', string]
	| readonly ['cancelLast' | 'clear'];

/** Sets timers. */
export class Ticker extends Actor {
	static readonly kind = 'ticker';
	static readonly supervision = quickly;
	readonly #ticks: string[] = [];
	#cancelLast: () => void = () => {};

	once(delay: number, text: string, key?: string): void {
		this.#cancelLast = this.timers.once(delay, () => this.#ticks.push(text), key);
	}

	every(interval: number, text: string, key?: string): void {
		this.#cancelLast = this.timers.every(interval, () => this.#ticks.push(text), key);
	}

	cancel(key: string): void {
		this.timers.cancel(key);
	}

	/** Several of its own messages in one turn, so that no time passes between them; returns its ticks at the end of it. */
	inOneTurn(...steps: TimerStep[]): readonly string[] {
		for (const [name, ...args] of steps) (this[name] as (...args: readonly unknown[]) => void)(...args);
		return [...this.#ticks];
	}

	/** Ticks into the journal, which outlives the instance. */
	everyIntoJournal(interval: number): void {
		this.timers.every(interval, () => journal(this.self.id, 'tick'));
	}

	cancelLast(): void {
		this.#cancelLast();
	}

	clear(): void {
		this.timers.clear();
	}

	ticks(): readonly string[] {
		return [...this.#ticks];
	}

	async block(gate: string): Promise<readonly string[]> {
		await passing(gate);
		return [...this.#ticks];
	}

	/** A tick that takes a while: no message is handled meanwhile. */
	slowTick(delay: number, gate: string): void {
		this.timers.once(delay, async () => {
			this.#ticks.push('begins');
			await passing(gate);
			this.#ticks.push('ends');
		});
	}

	note(text: string): void {
		this.#ticks.push(text);
	}

	failIn(delay: number): void {
		this.timers.once(delay, () => {
			throw new Error('crash in a timer');
		});
	}

	crash(): never {
		throw new Error('crash');
	}

	badDelay(): string {
		try {
			this.timers.once('soon' as never, () => {});
			return 'no error';
		} catch (error) {
			return (error as Error).message;
		}
	}
}

/** Changes how it answers. */
export class Mood extends Actor {
	static readonly kind = 'mood';
	static readonly supervision = quickly;
	readonly #name = 'class';

	speak(word: string): string {
		return `says ${word}`;
	}

	other(): string {
		return `other of ${this.#name}`;
	}

	shout(): void {
		this.become({ speak: (word: string) => `SHOUTS ${word.toUpperCase()}` });
	}

	whisperLater(): void {
		this.become({
			speak: async (word: string) => {
				await Promise.resolve();
				return `whispers ${word}`;
			},
		});
	}

	sulk(): void {
		this.become({
			speak: () => {
				throw new Error('sulking');
			},
		});
	}

	learn(): void {
		this.become({ dance: () => 'dances' });
	}

	calm(): void {
		this.become();
	}
}
