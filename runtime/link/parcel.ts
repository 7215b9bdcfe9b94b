/**
 * What travels on a link, one parcel each: the first byte says what it is, numbers are varints, values are CBOR.
 * Targets, message names and senders are defined once per link and then go by number; so are the keys of arguments that
 * are one object: then SHAPED, the number and the values stand for them.
 *
 * ```text
 * tell    target method sender        args      reply     number value
 * ask     target method sender number args      fail      number error
 * send    target method sender number args      accepted  number
 * watch   target        sender number           cancel    number
 * stop    target        sender number           return    a parcel that came for an actor that is not here
 * fence   number target                         passed    number
 * define-target | define-method | define-sender | define-shape number value
 * chunk   length: the beginning of a parcel that fits no frame
 * rest    what follows a chunk, or a rest
 * ```
 */

export const TELL = 1;
export const ASK = 2;
export const SEND = 3;
export const WATCH = 4;
export const STOP = 5;
export const REPLY = 6;
export const FAIL = 7;
export const ACCEPTED = 8;
export const CANCEL = 9;
export const RETURN = 10;
export const FENCE = 11;
export const PASSED = 12;
export const DEFINE_TARGET = 13;
export const DEFINE_METHOD = 14;
export const DEFINE_SENDER = 15;
export const CHUNK = 16;
export const REST = 17;
export const DEFINE_SHAPE = 18;

/** Whether a parcel stands in the books: a message of a user. */
export function isMessage(type: number | undefined): boolean {
	return type === TELL || type === ASK || type === SEND;
}

/** Definitions that a link keeps of each sort; the oldest gives its number to a new one when there are more. */
export const MOST_DEFINITIONS = 65_536;

/** What one side of a link has defined, by number from 1. Both sides agree, because definitions travel in order. */
export class Definitions<K, V> {
	readonly #numbers = new Map<K, number>();
	readonly #slots: { readonly key: K; readonly value: V }[] = [];
	#next = 0;
	/** What was asked for last is asked for again, more often than not. */
	#last: K | undefined;
	#lastNumber: number | undefined;

	/** The number of `key`, if it has one. */
	numberOf(key: K): number | undefined {
		if (key !== this.#last) {
			this.#last = key;
			this.#lastNumber = this.#numbers.get(key);
		}
		return this.#lastNumber;
	}

	/** Gives `key` a number; the caller tells the other side. */
	define(key: K, value: V): number {
		const slot = this.#next++ % MOST_DEFINITIONS;
		const old = this.#slots[slot];
		if (old) this.#numbers.delete(old.key);
		this.#last = undefined;
		this.#slots[slot] = { key, value };
		this.#numbers.set(key, slot + 1);
		return slot + 1;
	}

	value(number: number): V | undefined {
		return this.#slots[number - 1]?.value;
	}
}
