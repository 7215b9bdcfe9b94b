/**
 * The mailbox of one actor: the messages that wait, in the order in which they will be handled, and the one in hand.
 * What comes goes into the last of a chain of chunks, what goes is read from the first, four slots for each message:
 * nothing is allocated for one message, nothing is ever moved, and a mailbox that has been emptied keeps one chunk.
 */

import { Heap } from './heap.ts';
import { Mail } from './mail.ts';

/** Slots that a message takes: its handler, payload, sender and the one who waits for its outcome. */
const PARTS = 4;
/** Slots of the first chunk, and of the largest. */
const SMALLEST = 4 * PARTS;
const LARGEST = 256 * PARTS;

interface Chunk {
	readonly slots: unknown[];
	next: Chunk | undefined;
}

/** Empty slots to copy: arrays that are made by their length are looked at for holes ever after. */
const BLANK: readonly unknown[] = Array.from({ length: LARGEST }, () => undefined);

/** The chunk of all mailboxes that have none; it is full from the beginning. */
const NONE: Chunk = { slots: [], next: undefined };
/** Chunks of the largest size that are empty, for whichever mailbox needs one next; none is ever large for long. */
const spare: Chunk[] = [];
const SPARES = 64;
/** Where no message is. */
const NOTHING = -1;

/** A mailbox, whatever handlers (`H`), senders (`S`) and those who wait for an outcome (`R`) are. */
export class Mailbox<H, S, R> {
	/** Where the parts of the message in hand are, in slots that are nobody else's until it is let go... */
	#hand: unknown[] = NONE.slots;
	/** ...from here on; {@link NOTHING} when there is none. */
	#at = NOTHING;
	#mail: Mail<H, S, R> | undefined = undefined;
	#first = NONE;
	#last = NONE;
	/** Where the front is in the first chunk. */
	#from = 0;
	/** Where the next one goes in the last chunk. */
	#to = 0;
	#length = 0;
	/** What was put back, last in, first out. */
	#back: Mail<H, S, R>[] | undefined = undefined;
	/** In place of the chunks where the order is not that of arrival. */
	readonly #heap: Heap<Mail<H, S, R>> | undefined;
	readonly #capacity: number;

	/** `urgencyOf`: higher is handled first. Without it, the order is that of arrival. */
	constructor(capacity: number, urgencyOf?: (mail: Mail<H, S, R>) => number) {
		this.#capacity = capacity;
		this.#heap = urgencyOf && new Heap(urgencyOf);
	}

	/** How many wait; the one in hand does not. */
	get length(): number {
		return this.#length;
	}

	/** Whether as many wait as it was made for. It takes more, all the same: what to do is its owner's policy. */
	get full(): boolean {
		return this.#length >= this.#capacity;
	}

	put(handler: H, payload: unknown, sender: S, replyTo: R): void {
		const to = this.#to;
		const { slots } = this.#last;
		if (to === slots.length) return this.#putElsewhere(handler, payload, sender, replyTo);
		slots[to] = handler;
		slots[to + 1] = payload;
		// Empty slots are undefined; most tells from outside have neither of these, and no store costs less than one.
		if (sender !== undefined) slots[to + 2] = sender;
		if (replyTo !== undefined) slots[to + 3] = replyTo;
		this.#to = to + PARTS;
		this.#length++;
	}

	/** Takes the next message in hand, in place of the one that is, and returns its handler; `undefined` when there is none. */
	take(): H | undefined {
		if (this.#at !== NOTHING) this.letGo();
		if (this.#length === 0) return undefined;
		const from = this.#from;
		const { slots } = this.#first;
		if (this.#back !== undefined || from === slots.length) return this.#takeElsewhere();
		if (this.#hand !== slots) this.#hand = slots;
		this.#at = from;
		this.#from = from + PARTS;
		this.#length--;
		return slots[from] as H;
	}

	/** Lets go of the message in hand: nothing of it is kept alive but its handler, which belongs to a class. */
	letGo(): void {
		const hand = this.#hand;
		const at = this.#at;
		if (at === NOTHING) return;
		hand[at + 1] = hand[at + 2] = hand[at + 3] = undefined;
		this.#at = NOTHING;
		this.#mail = undefined;
		// An empty mailbox begins again where its chunk does, which is still in the processor's cache.
		if (this.#length === 0) this.#from = this.#to = 0;
	}

	/** Whether there is a message in hand. */
	get holds(): boolean {
		return this.#at !== NOTHING;
	}

	/** Its parts. Ask for them only while there is one. */
	get handler(): H {
		return this.#hand[this.#at] as H;
	}

	get payload(): unknown {
		return this.#hand[this.#at + 1];
	}

	get sender(): S {
		return this.#hand[this.#at + 2] as S;
	}

	get replyTo(): R {
		return this.#hand[this.#at + 3] as R;
	}

	/** The message in hand as an object: the same one that was put back, if it was. */
	get mail(): Mail<H, S, R> {
		return (this.#mail ??= new Mail(this.handler, this.payload, this.sender, this.replyTo));
	}

	/** Puts back what was taken, to be handled before everything else. */
	putBack(mail: Mail<H, S, R>): void {
		this.#back ??= [];
		this.#back.push(mail);
		this.#length++;
	}

	/** Takes out what is handled next, leaving the one in hand there. */
	shift(): Mail<H, S, R> | undefined {
		const mail = this.holds ? this.mail : undefined;
		if (mail) this.letGo();
		const next = this.take() === undefined ? undefined : this.mail;
		if (next) this.letGo();
		if (mail) this.#hold(mail);
		return next;
	}

	/** Takes out what a `drop-oldest` policy gives up: the oldest, or the least urgent. */
	drop(): Mail<H, S, R> | undefined {
		const least = this.#heap?.drop();
		if (least === undefined) return this.shift();
		this.#length--;
		return least;
	}

	#putElsewhere(handler: H, payload: unknown, sender: S, replyTo: R): void {
		if (this.#heap === undefined) {
			this.#extend();
			this.put(handler, payload, sender, replyTo);
		} else {
			this.#heap.push(new Mail(handler, payload, sender, replyTo));
			this.#length++;
		}
	}

	#takeElsewhere(): H | undefined {
		const mail = this.#back?.pop() ?? this.#heap?.shift();
		if (this.#back?.length === 0) this.#back = undefined;
		if (mail === undefined) {
			this.#advance();
			return this.take();
		}
		this.#length--;
		this.#hold(mail);
		return mail.handler;
	}

	/** Takes in hand what is in no chunk. */
	#hold(mail: Mail<H, S, R>): void {
		this.#mail = mail;
		this.#hand = [mail.handler, mail.payload, mail.sender, mail.replyTo];
		this.#at = 0;
	}

	#extend(): void {
		const size = Math.min(Math.max(SMALLEST, 2 * this.#last.slots.length), LARGEST);
		const last = (size === LARGEST ? spare.pop() : undefined) ?? chunk(size);
		if (this.#last === NONE) this.#first = last;
		else this.#last.next = last;
		this.#last = last;
		this.#to = 0;
	}

	#advance(): void {
		const first = this.#first;
		this.#first = first.next as Chunk;
		this.#from = 0;
		// Otherwise a chunk that the collector has grown fond of would pass that on to all that came after it.
		first.next = undefined;
		if (first.slots.length === LARGEST && spare.length < SPARES) spare.push(first);
	}
}

function chunk(size: number): Chunk {
	return { slots: BLANK.slice(0, size), next: undefined };
}
