/** Messages that a durable mailbox has given up, kept with their history until somebody sends them again, or drops them. */

import type { LastingStream } from '../cluster/lasting-stream.ts';
import type { StreamEntry } from '../cluster/stream.ts';
import { decodeToken } from '../core/address.ts';
import { TroupeError } from '../core/errors.ts';
import type { Message } from '../core/events.ts';
import type { AnyRef } from '../core/protocol.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { DeadLetter } from './incoming.ts';
import type { Failure } from './journal.ts';
import { bundle, type Letter, lettersIn, writeLetter } from './letter.ts';

/** A message that was given up. */
export interface KeptLetter {
	/** Names it among the dead letters of the system. */
	readonly number: number;
	/** The ID of its actor. */
	readonly actor: string;
	/** The kind of its actor. */
	readonly kind: string;
	readonly message: Message;
	/** The actor that sent it, if it was one. */
	readonly sender: AnyRef | undefined;
	/** When it was sent, in milliseconds since the Unix epoch. */
	readonly at: number;
	/** How many attempts it has failed. */
	readonly attempts: number;
	/** The last of them, up to 16, the first one first. */
	readonly failures: readonly Attempt[];
}

/** An attempt that came to nothing. */
export interface Attempt {
	/** When, in milliseconds since the Unix epoch. */
	readonly at: number;
	/** The node that it was made on. */
	readonly node: string;
	/** What went wrong: an error's `code`, or its name. */
	readonly code: string;
	readonly message: string;
}

/** The dead letters of a system. */
export class DeadLetters {
	readonly #kernel: Kernel;
	readonly #dead: LastingStream;
	readonly #mail: LastingStream;
	/** It has been told that there is no room. */
	#full = false;
	readonly #tell: (key: string, sequence: number) => void;

	constructor(kernel: Kernel, dead: LastingStream, mail: LastingStream, tell: (key: string, sequence: number) => void) {
		this.#kernel = kernel;
		this.#dead = dead;
		this.#mail = mail;
		this.#tell = tell;
	}

	/** Keeps one, once. Rejects when the store cannot be reached, or is full. */
	async add(key: string, { actor, letter, name, attempts, failures }: DeadLetter): Promise<void> {
		const { codec } = this.#kernel;
		const bytes = written(this.#kernel, letter);
		const full = codec.encode([bytes, actor.kind, attempts, failures]);
		// One that has no room for more goes without its history.
		const value = full.length > this.#dead.maxBytes ? codec.encode([bytes, actor.kind, attempts, []]) : full;
		if ((await this.#dead.append(key, value, name)) !== 'full') return;
		const message = `there is no room for another dead letter, and ${actor.id} waits for some: replay some, or drop them`;
		if (!this.#full) this.#kernel.warn('DEAD_LETTERS_FULL', message, { actor: actor.id });
		this.#full = true;
		throw new TroupeError('ERR_MAILBOX_FULL', message, { actor: actor.id });
	}

	/** All there are, or those of one actor, the oldest first. */
	async list(actor?: string): Promise<readonly KeptLetter[]> {
		const entries = await this.#dead.entries();
		const letters = entries.map((entry) => this.#read(entry)?.kept).filter((letter) => letter !== undefined);
		return actor === undefined ? letters : letters.filter((letter) => letter.actor === actor);
	}

	/** Puts it back into the mailbox, behind what is there; `false` when there is none of that number. */
	async replay(number: number): Promise<boolean> {
		const { created: life } = this.#dead;
		const entry = await this.#find(number);
		const read = entry && this.#read(entry);
		if (!entry || !read) return false;
		const value = bundle(this.#kernel.codec, [written(this.#kernel, read.letter)]);
		const stored = await this.#mail.append(entry.key, value, `replay-${life}-${number}`);
		if (typeof stored === 'string') {
			const actor = decodeToken(entry.key);
			const message = `there is no room in the durable mailboxes of the system for what ${actor} is to have again: wait until some is handled`;
			throw new TroupeError('ERR_MAILBOX_FULL', message, { actor });
		}
		this.#tell(entry.key, stored.sequence);
		await this.#dead.remove(entry.key, number, life);
		return true;
	}

	/** Forgets it; `false` when there is none of that number. */
	async drop(number: number): Promise<boolean> {
		const { created: life } = this.#dead;
		const entry = await this.#find(number);
		return entry !== undefined && this.#dead.remove(entry.key, number, life);
	}

	async #find(number: number): Promise<StreamEntry | undefined> {
		return (await this.#dead.entries()).find(({ sequence }) => sequence === number);
	}

	/** `undefined` for what is none; others may have written it. */
	#read({ key, value, sequence }: StreamEntry): { readonly kept: KeptLetter; readonly letter: Letter } | undefined {
		const { codec } = this.#kernel;
		try {
			const [bytes, kind, attempts, failures] = codec.decode(value) as [Uint8Array, string, number, readonly Failure[]];
			const [letter] = lettersIn(codec, bundle(codec, [bytes]));
			if (!letter || letter instanceof Error) return undefined;
			const { name, args, sender, at } = letter;
			const kept = { number: sequence, actor: decodeToken(key), kind, message: { name, args }, at, attempts, failures };
			return { kept: { ...kept, sender: sender as unknown as AnyRef | undefined }, letter };
		} catch {
			return undefined;
		}
	}
}

/** Nobody waits for its result any more. */
function written({ codec }: Kernel, letter: Letter): Uint8Array {
	return writeLetter(codec, { ...letter, reply: undefined });
}

/**
 * What durable mailboxes have given up, for people and programs. Each rejects with `ERR_CLAIM_UNAVAILABLE` when the store
 * cannot be reached.
 */
export class DeadLetterBox {
	readonly #letters: () => Promise<DeadLetters>;

	/** @internal */
	constructor(letters: () => Promise<DeadLetters>) {
		this.#letters = letters;
	}

	/** All there are, or those of one actor, the oldest first. */
	async list(options: { readonly actor?: string | undefined } = {}): Promise<readonly KeptLetter[]> {
		return (await this.#letters()).list(options.actor);
	}

	/**
	 * Puts one back into the mailbox of its actor, behind what is there; `false` when there is none of that number.
	 * `ERR_MAILBOX_FULL` when there is no room.
	 */
	async replay(number: number): Promise<boolean> {
		return (await this.#letters()).replay(number);
	}

	/** Forgets one; `false` when there is none of that number. */
	async drop(number: number): Promise<boolean> {
		return (await this.#letters()).drop(number);
	}
}
