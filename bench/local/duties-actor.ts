/**
 * The floor with what Troupe promises for each message, and nothing else: it has a sender, a mailbox of bounded length and
 * an actor that may have stopped; a handler that throws fails its own message only, and one that returns a promise keeps the
 * next message waiting; every message stands in the books; and no actor keeps the others, or the event loop, waiting for long.
 */

/** What becomes of a message: a method of the actor's. */
type Handler = (payload: never) => unknown;

interface Envelope {
	readonly handler: Handler;
	readonly payload: unknown;
	readonly sender: DutifulActor | undefined;
	readonly reply: ((value: unknown) => void) | undefined;
}

/** Messages in one turn of an actor, and in one of the event loop. */
const TURN = 64;
const TURNS = 2_048;

/** Sent = handled + failed + refused + waiting. */
export const books = { sent: 0, handled: 0, failed: 0, refused: 0 };

const stage: { running: DutifulActor | undefined } = { running: undefined };

let due: DutifulActor[] = [];
let next = 0;
let armed = false;
let budget = TURNS;

function schedule(actor: DutifulActor): void {
	due.push(actor);
	if (armed) return;
	armed = true;
	queueMicrotask(run);
}

function run(): void {
	while (next < due.length) {
		budget -= (due[next++] as DutifulActor).turn();
		if (budget > 0) continue;
		setImmediate(goOn);
		return;
	}
	due = [];
	next = 0;
	armed = false;
}

function goOn(): void {
	budget = TURNS;
	run();
}

/** Handles its messages one after the other. */
export abstract class DutifulActor {
	readonly #capacity: number;
	readonly #mailbox: (Envelope | undefined)[] = [];
	#from = 0;
	#inHand: Envelope | undefined;
	#scheduled = false;
	#busy = false;
	#stopped = false;

	constructor(capacity = 65_536) {
		this.#capacity = capacity;
	}

	/** Who sent the message in hand. */
	get sender(): DutifulActor | undefined {
		return this.#inHand?.sender;
	}

	stop(): void {
		this.#stopped = true;
	}

	tell(handler: Handler, payload: unknown, reply?: (value: unknown) => void): void {
		books.sent++;
		if (this.#stopped || this.#mailbox.length - this.#from >= this.#capacity) {
			books.refused++;
			return;
		}
		this.#mailbox.push({ handler, payload, sender: stage.running, reply });
		if (!this.#scheduled) this.#wake();
	}

	turn(): number {
		const mailbox = this.#mailbox;
		const before = stage.running;
		stage.running = this;
		this.#scheduled = false;
		let done = 0;
		while (done < TURN && this.#from < mailbox.length && !this.#busy) {
			const envelope = mailbox[this.#from] as Envelope;
			mailbox[this.#from++] = undefined;
			this.#inHand = envelope;
			this.#handle(envelope);
			done++;
		}
		stage.running = before;
		if (this.#from === mailbox.length) this.#from = mailbox.length = 0;
		else if (!this.#busy) this.#wake();
		return done;
	}

	#wake(): void {
		this.#scheduled = true;
		schedule(this);
	}

	#handle(envelope: Envelope): void {
		try {
			const result = envelope.handler.call(this, envelope.payload as never);
			if (result instanceof Promise) this.#await(envelope, result);
			else this.#done(envelope, result);
		} catch {
			this.#failed();
		}
	}

	#await(envelope: Envelope, result: Promise<unknown>): void {
		this.#busy = true;
		result
			.then(
				(value) => this.#done(envelope, value),
				() => this.#failed(),
			)
			.finally(() => {
				this.#busy = false;
				this.#wake();
			});
	}

	#done({ reply }: Envelope, value: unknown): void {
		books.handled++;
		this.#inHand = undefined;
		if (reply !== undefined) reply(value);
	}

	#failed(): void {
		books.failed++;
		this.#inHand = undefined;
	}
}
