/**
 * What the client library has no public way to: its socket. Two of its hang-ups need that, and so do large messages,
 * which it copies into memory of the moment that the collector then has to look after: half of what sending 64 KiB
 * costs. Should a later version keep its socket elsewhere, messages take its own way, and nothing but time is lost.
 */

import type { Socket } from 'node:net';
import type { NatsConnection } from 'nats';
import { writeLatin1 } from '../core/native-text.ts';
import { MessageReader, type Takers } from './nats-messages.ts';

/** A message of so many bytes is worth a list of its parts, and a smaller one is put together: one write either way. */
const WORTH_A_LIST = 4_000;

/** Nothing that would end the subject or the command, or take more bytes than letters. */
const PLAIN_SUBJECT = /^[!-~]+$/;

/** The parser's state when it has seen the end of a command. */
const BETWEEN = 0;

const END = Buffer.from('\r\n');
const [CR, LF] = END as unknown as readonly [number, number];

/** The library's side of the socket. */
interface Internals {
	readonly socket?: Socket;
	/** What it has read and not looked at. */
	readonly yields?: readonly unknown[];
	discard?(): void;
}

/** The library's protocol handler. */
interface Protocol {
	readonly transport?: Internals;
	readonly connected?: boolean;
	readonly parser?: {
		parse(bytes: Uint8Array): void;
		/** Where in a command it is; 0 is the beginning of the next. */
		readonly state?: number;
	};
	/** Those it was given and those that it has been told of. */
	readonly servers?: { length(): number };
	/** Gives the socket what was published before. */
	flushPending?(): void;
}

function protocolOf(connection: NatsConnection): Protocol | undefined {
	return (connection as { protocol?: Protocol }).protocol;
}

export function internalsOf(connection: NatsConnection): Internals | undefined {
	return protocolOf(connection)?.transport;
}

/** How many servers the client knows that it may connect to. */
export function serversOf(connection: NatsConnection): number {
	return protocolOf(connection)?.servers?.length() ?? 1;
}

/** Hangs up on a server that does not answer. The library would wait until it has taken the last byte. */
export function hangUp(connection: NatsConnection): void {
	internalsOf(connection)?.socket?.destroy();
}

/**
 * Gives `data` to the socket, behind all that was published before; `false` when there is none to give it to. The socket
 * keeps `data` itself until the system has taken it.
 */
export function publishAtOnce(connection: NatsConnection, subject: string, data: Uint8Array): boolean {
	const protocol = protocolOf(connection);
	const socket = protocol?.transport?.socket;
	if (!protocol?.connected || !protocol.flushPending || !socket?.writable || !PLAIN_SUBJECT.test(subject)) return false;
	protocol.flushPending();
	const head = `PUB ${subject} ${data.length}\r\n`;
	if (data.length < WORTH_A_LIST) socket.write(commandOf(head, data));
	else {
		socket.cork();
		socket.write(Buffer.from(head, 'latin1'));
		socket.write(data);
		socket.write(END);
		socket.uncork();
	}
	return true;
}

/**
 * Has what the socket reads parsed, and our callbacks called, at once, where the library would hand it from promise to
 * promise; plain messages go straight to their `takers`. It begins when what was read before has been seen to: call it when
 * no promise is left to be settled.
 */
export function readAtOnce(connection: NatsConnection, takers: Takers): void {
	const protocol = protocolOf(connection);
	const socket = protocol?.transport?.socket;
	const parser = protocol?.parser;
	if (!parser || !socket || socket.listenerCount('data') !== 1 || protocol.transport?.yields?.length !== 0) return;
	const messages = new MessageReader(takers);
	socket.removeAllListeners('data').on('data', (bytes: Buffer) => {
		try {
			const taken = parser.state === BETWEEN ? messages.read(bytes) : 0;
			if (taken < bytes.length) parser.parse(taken === 0 ? bytes : bytes.subarray(taken));
		} catch (error) {
			socket.destroy(error as Error);
		}
	});
}

function commandOf(head: string, data: Uint8Array): Buffer {
	const end = head.length + data.length;
	const command = Buffer.allocUnsafe(end + END.length);
	writeLatin1(command, head, 0);
	command.set(data, head.length);
	command[end] = CR;
	command[end + 1] = LF;
	return command;
}
