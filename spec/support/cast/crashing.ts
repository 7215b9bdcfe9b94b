/** Fixtures that crash, and those that decide what follows. */

import {
	Actor,
	type ActorRef,
	allForOne,
	escalate,
	oneForOne,
	Rejection,
	restart,
	restForOne,
	resume,
	type Supervision,
	stop,
} from '../../../index.ts';
import { journal, journalOf, passing, tally } from '../props.ts';

/** Comes back after a millisecond. */
export const quickly = restart({ backoff: { initial: 1, jitter: 0 } });

/** Crashes in every way there is, and remembers what it did before. */
export class Fragile extends Actor<{ children?: readonly string[] } | undefined> {
	static readonly kind: string = 'fragile';
	static readonly supervision: Supervision = quickly;
	#total = 0;
	readonly #errors: string[] = [];

	add(by: number): number {
		this.#total += by;
		return this.#total;
	}

	get(): number {
		return this.#total;
	}

	fail(message: string): never {
		throw new RangeError(message);
	}

	async failLater(message: string): Promise<never> {
		await Promise.resolve();
		throw new RangeError(message);
	}

	async failAt(gate: string): Promise<never> {
		await passing(gate);
		throw new RangeError('failed at the gate');
	}

	throwNothing(): never {
		throw undefined;
	}

	/** Crashes the first `times` times that it is tried under this name. */
	tryTimes(name: string, times: number): number {
		const attempt = tally(name);
		journal(name, `attempt ${attempt} in an instance with ${this.#total}`);
		if (attempt <= times) throw new RangeError(`attempt ${attempt}`);
		return attempt;
	}

	rejects(): never {
		throw new Rejection('NO', 'not today');
	}

	/** What `onRestart` was told, as long as this instance lives. */
	restartedBy(): readonly string[] {
		return this.#errors;
	}

	failInTimer(message: string): void {
		this.timers.once(1, () => {
			throw new RangeError(message);
		});
	}

	async wait(gate: string): Promise<void> {
		await passing(gate);
	}

	protected override onStart(): void {
		journal(this.self.id, 'onStart');
	}

	protected override onRestart(error: unknown): void {
		this.#errors.push((error as Error)?.message);
		journal(this.self.id, `onRestart ${(error as Error)?.message}`);
	}

	protected override onStop(): void {
		journal(this.self.id, 'onStop');
	}
}

/** Picks a directive by the error; some answers are none. */
export class Discerning extends Fragile {
	static override readonly kind = 'discerning';
	static override readonly supervision: Supervision = (error) => {
		const { message } = error as Error;
		if (message === 'resume') return resume();
		if (message === 'stop') return stop();
		if (message === 'escalate') return escalate();
		if (message === 'throw') throw new Error('the supervision function fails itself');
		if (message === 'nonsense') return 'restart' as never;
		return quickly;
	};
}

/** Fails where and as often as it is told to: in its constructor, in `onStart`, or in an `onStart` that takes a while. */
export class Stillborn extends Actor<{ at: 'constructor' | 'onStart' | 'later'; starts: readonly boolean[] }> {
	static readonly kind = 'stillborn';
	static readonly supervision = quickly;
	readonly #fine: boolean;

	constructor() {
		super();
		const attempt = tally(`start of ${this.self.id}`);
		this.#fine = this.args.starts[attempt - 1] ?? true;
		journal(this.self.id, `start ${attempt}`);
		if (this.args.at === 'constructor') this.#check();
	}

	protected override onStart(): void | Promise<void> {
		if (this.args.at === 'onStart') this.#check();
		if (this.args.at === 'later') return Promise.resolve().then(() => this.#check());
	}

	protected override onStop(): void {
		journal(this.self.id, 'onStop');
	}

	#check(): void {
		if (!this.#fine) throw new RangeError('cannot start');
	}

	crash(): never {
		throw new Error('crash');
	}

	hello(): string {
		return 'hello';
	}
}

/** Has children, whose fates nothing joins. */
export class Parent extends Actor<{ supervision?: 'stop' | 'escalate' | 'resume' | 'once' } | undefined> {
	static readonly kind: string = 'parent';
	static readonly supervision = quickly;
	static readonly children = oneForOne();
	#sum = 0;
	#late = false;
	readonly #ends: string[] = [];

	/** Starts a child that is there when this returns: its ref answers at once. */
	raise(name: string, restartType?: 'permanent' | 'transient' | 'temporary'): ActorRef<Fragile> {
		const supervision = { stop: stop(), escalate: escalate(), resume: resume(), once: once() }[
			this.args?.supervision as 'stop'
		];
		return this.spawn(Fragile, {
			id: name,
			...(supervision && { supervision }),
			...(restartType && { restart: restartType }),
		});
	}

	/** Starts a child and sends to it in the same turn. */
	async raiseAndAsk(name: string): Promise<number> {
		return await this.raise(name).ask.add(5);
	}

	raiseTwice(name: string): string {
		this.raise(name);
		try {
			this.raise(name);
			return 'no error';
		} catch (error) {
			return (error as { code: string }).code;
		}
	}

	raiseStillborn(at: 'constructor' | 'onStart'): string {
		try {
			this.spawn(Stillborn, { id: 'stillborn', args: { at, starts: [false] } });
			return 'no error';
		} catch (error) {
			const { code, cause } = error as Error & { code: string };
			return `${code} ${(cause as Error).message}`;
		}
	}

	/** Raises one more child in its onStop, when it is too late. */
	raiseAtTheEnd(): void {
		this.#late = true;
	}

	raiseNameless(): ActorRef<Fragile> {
		return this.spawn(Fragile);
	}

	watchChild(name: string): void {
		this.watch(this.raise(name));
	}

	ends(): readonly string[] {
		return this.#ends;
	}

	add(by: number): number {
		this.#sum += by;
		return this.#sum;
	}

	crash(message: string): never {
		throw new Error(message);
	}

	protected override onTerminated(ref: { id: string }, why: { reason: string }): void {
		this.#ends.push(`${ref.id} ${why.reason}`);
	}

	protected override onRestart(error: unknown): void {
		journal(this.self.id, `onRestart ${(error as Error).message}`);
	}

	protected override onStop(): void {
		journal(this.self.id, 'onStop');
		if (this.#late) this.raise('late');
		for (const line of journalOf(`${this.self.id}/child`)) journal(this.self.id, `by then, child: ${line}`);
	}
}

function once() {
	return restart({ maxRestarts: 1, within: '1m', backoff: { initial: 1, jitter: 0 } });
}

/** All its children restart when one crashes. */
export class United extends Parent {
	static override readonly kind = 'united';
	static override readonly children = allForOne();
}

/** A child takes those along that were started after it. */
export class Chained extends Parent {
	static override readonly kind = 'chained';
	static override readonly children = restForOne();
}

/** One failure among its children is all it bears. */
export class Strict extends Parent {
	static override readonly kind = 'strict-parent';
	static override readonly children = oneForOne({ maxRestarts: 1, within: '1m' });
}
