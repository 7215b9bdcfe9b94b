/**
 * What the ends of a channel are to be told of a turn: at its end, or, of a durable channel, when what they are told of is in
 * the log. In either case in the order in which it happened.
 */

import type { ChannelLog } from './channel-log.ts';
import type { Party, Told } from './party.ts';
import type { Refusal } from './steps.ts';

/** Of one channel. */
export class Tellings {
	/** Of a durable channel. */
	log: ChannelLog | undefined;
	readonly #touched = new Set<Party>();
	#drafts = new Map<Party, Draft>();

	/** To tell that end something. */
	to(party: Party): Told {
		if (!this.log) {
			this.#touched.add(party);
			return party;
		}
		const draft = this.#drafts.get(party) ?? new Draft();
		this.#drafts.set(party, draft);
		return draft;
	}

	/** It has been told something in another way, and that is to go out. */
	touch(party: Party): void {
		this.#touched.add(party);
	}

	/** It is gone. */
	forget(party: Party): void {
		this.#touched.delete(party);
		this.#drafts.delete(party);
	}

	/** The turn is over. */
	send(reason: unknown): void {
		if (this.log) this.#sendWhenStored(this.log, reason);
		for (const party of this.#touched) party.tell(reason);
		this.#touched.clear();
	}

	#sendWhenStored(log: ChannelLog, reason: unknown): void {
		const drafts = this.#drafts;
		this.#drafts = new Map();
		log.stored().then(
			() => {
				for (const [party, draft] of drafts) {
					draft.sayTo(party);
					party.tell(reason);
				}
			},
			// Its home hears of it, and comes to its end.
			() => {},
		);
	}
}

/** What is to be said to an end once it is certain. */
class Draft implements Told {
	readonly #said: ((party: Told) => void)[] = [];

	accepted(number: number): void {
		this.#said.push((party) => party.accepted(number));
	}

	got(number: number, value: unknown): void {
		this.#said.push((party) => party.got(number, value));
	}

	refused(number: number, why: Refusal): void {
		this.#said.push((party) => party.refused(number, why));
	}

	sayTo(party: Told): void {
		for (const say of this.#said) say(party);
	}
}
