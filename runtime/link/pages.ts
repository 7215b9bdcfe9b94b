/**
 * Memory for frames, used again and again: what is allocated outside of the engine's heap makes it collect all of that
 * heap, and comes cold from the system. Pages come in powers of two. As many are kept as were in use at once between
 * two looks; the others are given up.
 */

import type { PageSource } from '../core/bytes.ts';
import { FULL_FRAME } from '../core/config.ts';

/** The smallest page, in bytes: a frame that is nearly full, and behind it the parcel that goes on in the next one. */
export const PAGE = 2 * FULL_FRAME;

/** Free pages of one size, the one used last on top. */
interface Shelf {
	readonly pages: Uint8Array[];
	/** The fewest that were free since the last look: nobody needed those. */
	idle: number;
}

/** The pages of one link. */
export class Pages implements PageSource {
	readonly #shelves = new Map<number, Shelf>();

	/** A page of at least so many bytes, with anything in it. */
	take(least: number): Uint8Array {
		let size = PAGE;
		while (size < least) size *= 2;
		const shelf = this.#shelves.get(size);
		const page = shelf?.pages.pop();
		if (shelf && page) shelf.idle = Math.min(shelf.idle, shelf.pages.length);
		return page ?? Buffer.allocUnsafeSlow(size);
	}

	/** Takes a page back that nobody uses any more; what is smaller than a page is not worth keeping. */
	giveBack(page: Uint8Array): void {
		const size = page.length;
		if (size < PAGE) return;
		const shelf = this.#shelves.get(size);
		if (shelf) shelf.pages.push(page);
		else this.#shelves.set(size, { pages: [page], idle: 0 });
	}

	/** Gives up the pages that have not been needed since it was last called. */
	trim(): void {
		for (const shelf of this.#shelves.values()) {
			shelf.pages.splice(0, shelf.idle);
			shelf.idle = shelf.pages.length;
		}
	}

	/** Gives up all. */
	clear(): void {
		this.#shelves.clear();
	}
}
