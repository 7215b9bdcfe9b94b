/**
 * Short texts that came before. Keys, names and states come again and again, and to find one by its bytes takes a fraction
 * of the time that making it takes. Where it is looked for is a guess; what is found has all of its bytes.
 *
 * Each text has one place, which it takes from whoever was there. So there are never more than {@link PLACES} of them, and
 * who sends ever new ones pays for each as for the first.
 */

const PLACES = 1_024; // 2^10

/** Bytes of the longest word. Longer texts come again less often, and are made as quickly as found. */
export const LONGEST_WORD = 24;

/** Words, and the search for one. */
export class Words {
	readonly #words: string[] = new Array(PLACES).fill('');
	/** The first and the last four bytes of each, as numbers: of most words, all. */
	readonly #heads = new Int32Array(PLACES);
	readonly #tails = new Int32Array(PLACES);
	/** What was looked for last, and where. */
	#head = 0;
	#tail = 0;
	#place = 0;

	/** The word of these bytes, if it is known. */
	find(bytes: Uint8Array, at: number, size: number): string | undefined {
		const end = at + size;
		let head = bytes[at] as number;
		let tail = 0;
		if (size > 3) {
			head = four(bytes, at);
			tail = four(bytes, end - 4);
		} else head |= ((bytes[at + (size >> 1)] as number) << 8) | ((bytes[end - 1] as number) << 16);
		const place = placeOf(head, tail, size);
		this.#head = head;
		this.#tail = tail;
		this.#place = place;
		if (this.#heads[place] !== head || this.#tails[place] !== tail) return undefined;
		const word = this.#words[place] as string;
		if (word.length !== size) return undefined;
		for (let i = 4; i < size - 4; i++) if (word.charCodeAt(i) !== bytes[at + i]) return undefined;
		return word;
	}

	/**
	 * Remembers the word that was looked for last and not found: if it has as many letters as bytes, since it is by its
	 * letters that the middle of it is compared.
	 */
	keep(word: string, size: number): string {
		if (word.length !== size) return word;
		this.#heads[this.#place] = this.#head;
		this.#tails[this.#place] = this.#tail;
		this.#words[this.#place] = word;
		return word;
	}
}

function four(bytes: Uint8Array, at: number): number {
	const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
	return low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}

/** Ten bits: the upper ones of a product, which depend on all bits of what was multiplied. */
function placeOf(head: number, tail: number, size: number): number {
	return Math.imul(head ^ Math.imul(tail + size, 0x9e37_79b1), 0x85eb_ca6b) >>> 22;
}
