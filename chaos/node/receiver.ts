/** The actors of the chaos. What they handle is noted in the books of their process, for the driver to compare. */

import { Actor, type AnyRef, bounded, durable, restart, type Termination } from '../../index.ts';
import { now } from '../stage/time.ts';
import { DIARY, diaryOf } from './diary.ts';
import { type Score, ScoreKeeper } from './score.ts';

const keepers = new Map<string, { readonly actor: string; readonly stream: string; readonly keeper: ScoreKeeper }>();
const write = diaryOf(process.env[DIARY]);
/** When a message was handled last, and the longest time between two. */
let last = 0;
let longest: Silence = { from: 0, to: 0 };

/** A time in which nothing was handled; by the clock that processes share. */
export interface Silence {
	readonly from: number;
	readonly to: number;
}

/** All that has been handled in this process. */
export function scores(): readonly Score[] {
	return [...keepers.values()].map(({ actor, stream, keeper }) => keeper.score(actor, stream));
}

/** The longest silence since it was asked for last. */
export function silence(): Silence {
	const found = longest;
	longest = { from: 0, to: 0 };
	last = 0;
	return found;
}

function note(actor: string, stream: string, number: number): void {
	const at = now();
	if (last > 0 && at - last > longest.to - longest.from) longest = { from: last, to: at };
	last = at;
	write?.({ actor, stream, number, at });
	const key = `${actor} ${stream}`;
	const known = keepers.get(key);
	if (known) return known.keeper.take(number, at);
	const keeper = new ScoreKeeper();
	keepers.set(key, { actor, stream, keeper });
	keeper.take(number, at);
}

/** Handles what is numbered, at once. */
export class Receiver extends Actor {
	static readonly kind: string = 'chaos-receiver';
	static readonly supervision = restart({ maxRestarts: 1_000, within: '1m' });

	take(stream: string, number: number, _ballast?: string): void {
		note(this.self.id, stream, number);
	}

	answer(stream: string, number: number, _ballast?: string): number {
		note(this.self.id, stream, number);
		return number;
	}

	/** Never answers: whoever asks waits for the end of this actor. */
	hang(): Promise<never> {
		return new Promise(() => {});
	}
}

/** Takes its time: 1 ms for each. */
export class SlowReceiver extends Receiver {
	static override readonly kind: string = 'chaos-slow-receiver';

	override async take(stream: string, number: number): Promise<void> {
		await new Promise((resolve) => setTimeout(resolve, 1));
		note(this.self.id, stream, number);
	}
}

/** The same with little room. */
export class TightReceiver extends SlowReceiver {
	static override readonly kind = 'chaos-tight-receiver';
	static readonly mailbox = bounded({ capacity: 1_000 });
}

/** One whose messages outlive it. */
export class DurableReceiver extends Receiver {
	static override readonly kind = 'chaos-durable-receiver';
	static readonly mailbox = durable({ maxDeliver: 20 });
}

/** Tells when another actor has ended. */
export class Watcher extends Actor<{ readonly ended: (at: number, why: string) => void }> {
	static readonly kind = 'chaos-watcher';

	guard(id: string): void {
		this.watch(this.system.ref(Receiver, id));
	}

	protected override onTerminated(_ref: AnyRef, { reason }: Termination): void {
		this.args.ended(now(), reason);
	}
}
