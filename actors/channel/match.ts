/**
 * A send and a receive, or one of them and the channel, that would meet, where one side at least is one step of a choice. Each
 * choice is locked before, by a question to its end; of two, the one with the smaller name first, everywhere, so that no two
 * homes wait for each other.
 */

import type { Entry } from './party.ts';

/** Two that would meet. */
export class Match {
	readonly send: Entry | undefined;
	readonly receive: Entry | undefined;
	/** Still to be locked, in this order; the first has been asked. */
	readonly #toLock: Entry[];
	readonly #locked: Entry[] = [];
	/** The number of the lock that has been asked for, so that the answer to one that was given up is not taken for its. */
	#lock = 0;

	constructor(send: Entry | undefined, receive: Entry | undefined) {
		this.send = send;
		this.receive = receive;
		this.#toLock = [send, receive].filter((entry): entry is Entry => entry?.choice !== undefined);
		this.#toLock.sort((one, other) => ((one.choice as string) < (other.choice as string) ? -1 : 1));
	}

	has(entry: Entry): boolean {
		return this.send === entry || this.receive === entry;
	}

	/** Asks for the next lock, under that number. */
	ask(lock: number): void {
		const { party, number } = this.#toLock[0] as Entry;
		this.#lock = lock;
		party.end.tell.lock(number, lock);
	}

	/** Whose lock that was, if it is the one that has been asked for. */
	asked(lock: number): Entry | undefined {
		return this.#lock === lock ? this.#toLock[0] : undefined;
	}

	/** The lock that was asked for is granted; whether there are more to ask for. */
	granted(): boolean {
		this.#locked.push(this.#toLock.shift() as Entry);
		return this.#toLock.length > 0;
	}

	/** It comes to nothing: all but `gone` are let go, and who has been asked, too, whose answer will find nothing. */
	release(gone: Entry): void {
		for (const entry of [...this.#locked, ...this.#toLock.slice(0, 1)])
			if (entry !== gone) entry.party.end.tell.release(entry.number);
	}
}
