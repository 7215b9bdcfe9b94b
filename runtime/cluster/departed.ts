/**
 * Who was a member and is none any more. A departed incarnation does not come back, even if the store forgets its
 * tombstone: whoever remembers writes it again.
 */

import type { Codec } from '../codec/codec.ts';
import type { Bucket } from './kv.ts';
import { fateOf } from './node-record.ts';

/** Incarnations to remember; one that is forgotten is refused by its tombstone, or its missing record. */
const MOST = 4_096;
/** So many of those who departed last have their tombstones written again when the store is lost. */
const BURIED_AGAIN = 256;

/** The departed, as this node knows them. */
export class Departed {
	readonly #bucket: Bucket;
	readonly #codec: Codec;
	/** This node, which signs the tombstones. */
	readonly #self: string;
	readonly #nodes = new Set<string>();

	constructor(bucket: Bucket, codec: Codec, self: string) {
		this.#bucket = bucket;
		this.#codec = codec;
		this.#self = self;
	}

	has(node: string): boolean {
		return this.#nodes.has(node);
	}

	add(node: string): void {
		this.#nodes.add(node);
		const [oldest] = this.#nodes;
		if (oldest !== undefined && this.#nodes.size > MOST) this.#nodes.delete(oldest);
	}

	/** Whether its tombstone stands, or could be written where there was no record any more: with it, nobody comes back. */
	async buried(node: string): Promise<boolean> {
		return (await fateOf(this.#bucket, this.#codec, node, this.#self)) !== undefined;
	}

	/**
	 * The tombstones were lost with the store. `false` when somebody did come back because nobody else knew: this node's
	 * view of the cluster is not that of the others any more.
	 */
	async buryAgain(): Promise<boolean> {
		// Somebody else may have been faster: then the second look finds the tombstone.
		const buried = async (node: string): Promise<boolean> => (await this.buried(node)) || this.buried(node);
		return (await Promise.all([...this.#nodes].slice(-BURIED_AGAIN).map(buried))).every(Boolean);
	}
}
