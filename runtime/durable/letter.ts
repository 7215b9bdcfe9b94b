/**
 * A message as a durable mailbox keeps it. Those that one node sent to one actor while an earlier store was under way
 * are one value of the stream: they are stored together, or not at all, and read together.
 */

import type { Codec } from '../codec/codec.ts';
import { TroupeError } from '../core/errors.ts';
import { Ref } from '../kernel/ref.ts';

/** Whom the result of a message is for. */
export interface ReplyAddress {
	readonly node: string;
	readonly number: number;
}

/** One message. */
export interface Letter {
	readonly name: string;
	readonly args: readonly unknown[];
	readonly sender: Ref | undefined;
	readonly reply: ReplyAddress | undefined;
	/** When it was sent, in milliseconds since the Unix epoch, by the clock of its sender. */
	readonly at: number;
}

/** The bytes of one message. Throws what is the sender's fault: a value that cannot travel. */
export function writeLetter(codec: Codec, { name, args, sender, reply, at }: Letter): Uint8Array {
	return codec.encode([name, args, sender ?? null, reply ? [reply.node, reply.number] : null, at]);
}

/** One value of the stream. */
export function bundle(codec: Codec, letters: readonly Uint8Array[]): Uint8Array {
	return codec.encode(letters);
}

/** The messages in a value of the stream; an error in the place of one that is none. Throws `ERR_MALFORMED` when nothing is. */
export function lettersIn(codec: Codec, value: Uint8Array): readonly (Letter | TroupeError)[] {
	const parts = codec.decode(value);
	if (!Array.isArray(parts)) throw malformed('it is no list of messages');
	return parts.map((bytes) => {
		try {
			return readLetter(codec, bytes);
		} catch (error) {
			return error as TroupeError;
		}
	});
}

function readLetter(codec: Codec, bytes: unknown): Letter {
	const parts = codec.decode(bytes as Uint8Array);
	if (!Array.isArray(parts)) throw malformed('it is no message');
	const [name, args, sender, reply, at] = parts as unknown[];
	if (typeof name !== 'string' || !Array.isArray(args) || typeof at !== 'number') throw malformed('it is no message');
	return { name, args, sender: sender instanceof Ref ? sender : undefined, reply: addressIn(reply), at };
}

function addressIn(reply: unknown): ReplyAddress | undefined {
	const [node, number] = Array.isArray(reply) ? reply : [];
	return typeof node === 'string' && Number.isSafeInteger(number) ? { node, number } : undefined;
}

function malformed(why: string): TroupeError {
	return new TroupeError('ERR_MALFORMED', `in a durable mailbox: ${why}`);
}
