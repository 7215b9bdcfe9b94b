/**
 * A message as an object of its own. In a mailbox its four parts lie side by side and no message needs one; it gets one
 * where it waits anywhere else: for room, for its place to be found, in a stash, on its way to another node.
 */

/** The parts of a message: its handler (`H`), its sender (`S`) and who waits for its outcome (`R`) are the kernel's. */
export class Mail<H, S, R> {
	handler: H;
	payload: unknown;
	readonly sender: S;
	readonly replyTo: R;

	constructor(handler: H, payload: unknown, sender: S, replyTo: R) {
		this.handler = handler;
		this.payload = payload;
		this.sender = sender;
		this.replyTo = replyTo;
	}
}
