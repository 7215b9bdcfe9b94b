/**
 * How the ends of a link come to believe that it is they. Each makes up a cookie and tells it in hellos, which go to the
 * subject of the incarnation that is to prove itself: so only that node learns it, and what comes with it is that node's.
 * A hello returns the cookie that its sender was told, where it was told one.
 *
 * | a hello comes that | and what the peer's cookie is, is | so what it says is | and it is answered |
 * |---|---|---|---|
 * | returns our cookie: *proven* | known, and the same | | no: both know all |
 * | returns our cookie: *proven* | unknown, or another | believed, whatever was before | yes, for the last time |
 * | does not | unknown | believed until somebody proves another | yes |
 * | does not | known | not believed | yes: if it was the peer after all, that proves us, and it will prove itself |
 */

import { randomBytes } from 'node:crypto';
import { ACK_TIMEOUT } from '../core/config.ts';
import { COOKIE, cookieAt, HEADER, HELLO, type Header, NO_COOKIE, writeHeader } from './frame.ts';

/** What both ends of one link know of each other. */
export class Introduction {
	/** This node, as frames have it. */
	readonly #self: string;
	readonly #publish: (frame: Uint8Array) => void;
	readonly #mine: string = randomBytes(COOKIE).toString('latin1');
	#theirs: string | undefined;
	#repeated = Number.NEGATIVE_INFINITY;

	constructor(self: string, publish: (frame: Uint8Array) => void) {
		this.#self = self;
		this.#publish = publish;
	}

	/** What the peer has to find in our frames to take them for ours; `undefined` as long as it has not said. */
	get theirs(): string | undefined {
		return this.#theirs;
	}

	/** Whether only the peer can have sent a frame with that cookie. */
	proves({ cookie }: Header): boolean {
		return cookie === this.#mine;
	}

	/** Says hello, with the cookie that was told to us, or that would be the peer's. */
	hello(theirs = this.#theirs ?? NO_COOKIE): void {
		const frame = Buffer.allocUnsafe(HEADER + COOKIE);
		const rest = { type: HELLO, flags: 0, sequence: 0, ack: 0, finished: 0 };
		writeHeader(frame, { ...rest, from: this.#self, cookie: theirs });
		frame.write(this.#mine, HEADER, COOKIE, 'latin1');
		this.#publish(frame);
	}

	/** The same for who sends without the right cookie: if it is the peer, it was told a wrong one. At a modest rate. */
	helloAgain(now: number): void {
		if (now - this.#repeated < ACK_TIMEOUT) return;
		this.#repeated = now;
		this.hello();
	}

	/** Takes a hello, and answers it; whether it is news. */
	greeted(header: Header, frame: Buffer): boolean {
		const proven = this.proves(header);
		const theirs = cookieAt(frame, HEADER);
		const before = this.#theirs;
		if (proven || before === undefined) this.#theirs = theirs;
		if (!proven || theirs !== before) this.hello(theirs);
		return this.#theirs !== before;
	}
}
