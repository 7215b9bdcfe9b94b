/**
 * Sends numbered messages at a rate, by the clock, whatever happens meanwhile: tells, with a send and an ask among each 64, in
 * turn to each of the targets. It counts what it sends, and what came of the promises.
 */

import { type ActorRef, type ActorSystem, isTroupeError } from '../../index.ts';
import { now } from '../stage/time.ts';
import { DurableReceiver, Receiver } from './receiver.ts';

/** What to send. */
export interface Load {
	/** The name of this stream of numbers. */
	readonly stream: string;
	/** IDs of receivers. */
	readonly targets: readonly string[];
	/** Messages a second, to all of them together. */
	readonly rate: number;
	/** Bytes in each message beside the number. Default 0. */
	readonly bytes?: number;
	/** Messages in all; then it ends. Default: until it is halted. */
	readonly most?: number;
	/** Tells only, with no send or ask among them. Default `false`. */
	readonly tells?: boolean;
	/** The receivers have durable mailboxes. Default `false`. */
	readonly durable?: boolean;
}

/** What has been sent. */
export interface Sent {
	readonly stream: string;
	/** Messages to each target; they are numbered from 0. */
	readonly numbers: Readonly<Record<string, number>>;
	/** Sends and asks that wait for their outcome. */
	readonly open: number;
	readonly answered: number;
	/** Sends and asks that failed, by code. */
	readonly failed: Readonly<Record<string, number>>;
}

/** Between two looks at the clock, in ms. */
const TICK = 2;
const [ASK_AT, SEND_AT, CYCLE] = [63, 31, 64];

/** One stream. */
export class Pump {
	readonly #load: Load;
	readonly #refs: readonly ActorRef<Receiver>[];
	readonly #numbers: number[];
	readonly #ballast: string;
	readonly #failed: Record<string, number> = {};
	readonly #timer: NodeJS.Timeout;
	readonly #started = now();
	#count = 0;
	#open = 0;
	#answered = 0;

	constructor(system: ActorSystem, load: Load) {
		this.#load = load;
		this.#refs = load.targets.map((id) => system.ref(load.durable ? DurableReceiver : Receiver, id));
		this.#numbers = load.targets.map(() => 0);
		this.#ballast = 'x'.repeat(load.bytes ?? 0);
		this.#timer = setInterval(() => this.#catchUp(), TICK);
	}

	get stream(): string {
		return this.#load.stream;
	}

	halt(): void {
		clearInterval(this.#timer);
	}

	sent(): Sent {
		const { stream, targets } = this.#load;
		const numbers = Object.fromEntries(targets.map((id, at) => [id, this.#numbers[at] as number]));
		return { stream, numbers, open: this.#open, answered: this.#answered, failed: this.#failed };
	}

	#catchUp(): void {
		const due = ((now() - this.#started) / 1_000) * this.#load.rate;
		const { most = Number.POSITIVE_INFINITY } = this.#load;
		while (this.#count < Math.min(due, most)) this.#put(this.#count++ % this.#refs.length);
	}

	#put(at: number): void {
		const ref = this.#refs[at] as ActorRef<Receiver>;
		const number = (this.#numbers[at] as number)++;
		const message = [this.#load.stream, number, this.#ballast] as const;
		if (this.#load.tells) ref.tell.take(...message);
		else if (number % CYCLE === ASK_AT) this.#await(ref.ask.answer(...message));
		else if (number % CYCLE === SEND_AT) this.#await(ref.send.take(...message));
		else ref.tell.take(...message);
	}

	#await(outcome: Promise<unknown>): void {
		this.#open++;
		outcome
			.then(
				() => this.#answered++,
				(error) => {
					const code = isTroupeError(error) ? error.code : String(error);
					this.#failed[code] = (this.#failed[code] ?? 0) + 1;
				},
			)
			.finally(() => this.#open--);
	}
}

/** What came of {@link sendAll}. */
export interface Pressed {
	/** Sends a second that were accepted. */
	readonly rate: number;
	readonly sent: Sent;
}

/** Sends so many messages to one actor, each lane of them one after the other, as fast as they are accepted. */
export async function sendAll(system: ActorSystem, load: Omit<Load, 'rate'>, lanes: number): Promise<Pressed> {
	const { stream, targets, bytes = 0, most = 0 } = load;
	const [id = ''] = targets;
	const ref = system.ref(Receiver, id);
	const ballast = 'x'.repeat(bytes);
	const started = now();
	let number = 0;
	const lane = async (): Promise<void> => {
		while (number < most) await ref.send.take(stream, number++, ballast);
	};
	await Promise.all(Array.from({ length: lanes }, lane));
	const sent = { stream, numbers: { [id]: number }, open: 0, answered: number, failed: {} };
	return { rate: (number * 1_000) / (now() - started), sent };
}
