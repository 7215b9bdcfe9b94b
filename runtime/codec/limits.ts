/**
 * How large and how deep one message may be. The sender's encoder and the receiver's guard count in the same way, so
 * what one node may send, a node with the same limits accepts.
 */

import { wholeNumber } from '../../supervisor/bad-option.ts';

/** The limits of one message. */
export interface CodecLimits {
	/** Containers inside containers. Default 64. */
	readonly maxDepth: number;
	/** Values and keys, counted one by one; what is neither JSON nor text counts more. Default 1,000,000. */
	readonly maxItems: number;
	/** Encoded bytes. Default 8 MiB. */
	readonly maxBytes: number;
}

/** No honest message nests so deep; a linked list or a tree of replies that does wants an array. */
export const DEFAULT_MAX_DEPTH = 64;

/**
 * Enough for 50,000 rows of eight fields, and what bounds the cost of hostile bytes: 8 MiB of one-byte items would be 8
 * million objects. Under these defaults the dearest frames found take 0.5 s and 135 MB to decode (unique keys, objects
 * of one key), seven times what 8 MiB of honest rows take. A typed array is two items however long: the right thing for
 * a million numbers.
 */
export const DEFAULT_MAX_ITEMS = 1_000_000;

/** What each binary counts besides itself, and each tag: a byte on the wire makes a whole ArrayBuffer, Map or Date. */
export const SPECIAL_ITEMS = 4;

/** Beyond this a message belongs in an object store, with its name in the message. */
export const DEFAULT_MAX_BYTES = 8 * 1024 * 1024;

/** Deeper than this the decoder's own recursion would come near the end of a small thread's stack. */
export const DEEPEST = 512;

/** The limits that `options` ask for; throws `ERR_BAD_OPTION` for those that make no sense. */
export function limitsOf(options: { readonly [name in keyof CodecLimits]?: number | undefined }): CodecLimits {
	return {
		maxDepth: wholeNumber(options.maxDepth ?? DEFAULT_MAX_DEPTH, 'maxDepth', 1, DEEPEST),
		maxItems: wholeNumber(options.maxItems ?? DEFAULT_MAX_ITEMS, 'maxItems', 1, 100_000_000),
		maxBytes: wholeNumber(options.maxBytes ?? DEFAULT_MAX_BYTES, 'maxBytes', 1, 1024 * 1024 * 1024),
	};
}
