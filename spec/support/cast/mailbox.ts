/** Fixtures with mailboxes of every policy, and with a stash. */

import { Actor, bounded, priority } from '../../../index.ts';
import { passing } from '../props.ts';

/** Holds two messages; `block` keeps it from taking any until its gate opens. */
export class Tight extends Actor {
	static readonly kind = 'tight';
	static readonly mailbox = bounded({ capacity: 2 });
	readonly #notes: unknown[] = [];

	async block(gate: string): Promise<void> {
		await passing(gate);
	}

	note(value: unknown): unknown {
		this.#notes.push(value);
		return value;
	}

	notes(): readonly unknown[] {
		return [...this.#notes];
	}
}

/** The same without a bound that a test could reach, handled most urgent first. */
export class Triage extends Actor {
	static readonly kind: string = 'triage';
	static readonly mailbox = priority(({ name, args }) => (name === 'note' ? Number(args[0]) : 0));
	readonly #notes: unknown[] = [];

	async block(gate: string): Promise<void> {
		await passing(gate);
	}

	note(urgency: number, text: string): void {
		this.#notes.push(`${urgency} ${text}`);
	}

	notes(): readonly unknown[] {
		return [...this.#notes];
	}
}

/** Priority and a bound: the least urgent makes room. */
export class TightTriage extends Triage {
	static override readonly kind: string = 'tight-triage';
	static override readonly mailbox = priority(({ name, args }) => (name === 'note' ? Number(args[0]) : 100), {
		capacity: 3,
		overflow: 'drop-oldest',
	});
}

/** Lets guests in while it is open and sets them aside while it is not. */
export class Door extends Actor {
	static readonly kind = 'door';
	static readonly mailbox = bounded({ capacity: 4 });
	#open = false;
	readonly #guests: string[] = [];

	enter(name: string): string {
		if (!this.#open) {
			this.stash();
			return 'not sent to anybody';
		}
		this.#guests.push(name);
		return `welcome, ${name}`;
	}

	/** Stashes, then unstashes in the same turn: as if it had never. */
	waver(): string {
		this.stash();
		this.unstash();
		return 'here after all';
	}

	stashTwice(): string {
		this.stash();
		try {
			this.stash();
		} catch (error) {
			this.unstash();
			return (error as { code: string }).code;
		}
		return 'no error';
	}

	stashAndThrow(): void {
		this.stash();
		throw new Error('after the stash');
	}

	open(): void {
		this.#open = true;
		this.unstash();
	}

	guests(): readonly string[] {
		return [...this.#guests];
	}
}
