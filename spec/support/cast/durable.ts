/** Fixtures with durable mailboxes. They write in the far side's journal, which outlives them. */

import * as v from 'valibot';
import { Actor, durable, Rejection, resume } from '../../../index.ts';
import { journal, passing, tally } from '../props.ts';

/** Writes down what it is told, and fails when it is told to. */
export class Clerk extends Actor<{ journal: string }> {
	static readonly kind = 'durable-clerk';
	static readonly mailbox = durable({ maxDeliver: 3, ackWait: '300ms', backoff: [10, 20] });
	static readonly supervision = resume();

	note(text: string): string {
		journal(this.args.journal, text);
		return text;
	}

	async noteAt(place: string, text: string): Promise<void> {
		await passing(place);
		journal(this.args.journal, text);
	}

	/** Ends the actor. */
	leave(text: string): void {
		journal(this.args.journal, text);
		void this.self.stop();
	}

	/** Fails so often, by what is in the journal. */
	fail(times: number, text: string): string {
		journal(this.args.journal, `${text}?`);
		if (tally(text) <= times) throw new Error(`${text} has failed`);
		return this.note(text);
	}

	failLater(text: string): Promise<void> {
		journal(this.args.journal, `${text}?`);
		return Promise.reject(new Error(`${text} has failed`));
	}

	/** Never returns. */
	hang(text: string): Promise<void> {
		journal(this.args.journal, `${text}?`);
		return new Promise(() => {});
	}

	refuse(code: string): never {
		throw new Rejection(code, 'no, and it is no use to try again');
	}

	who(): string | undefined {
		return this.sender?.id;
	}

	/** Has a child of its kind, or not. */
	raise(): void {
		try {
			this.spawn(Clerk, { args: this.args });
		} catch (error) {
			throw new Rejection((error as { code: string }).code, 'no child');
		}
	}

	setAside(): void {
		this.stash();
	}
}

/** Takes numbers, and nothing else. */
export class Counted extends Actor {
	static readonly kind = 'durable-counted';
	static readonly mailbox = durable();
	static readonly messages = { add: v.number() };
	#total = 0;

	add(by: number): number {
		this.#total += by;
		return this.#total;
	}
}
