/**
 * Asks the server for signs of life, so that the fence knows of a connection that is gone before the client does: on one
 * that is half open, the server may have dropped this node's subscriptions seconds before the client finds out. Several
 * questions may be under way, so that a round trip of nearly D keeps no fence down. A server that used to answer at once
 * and now does not is left for another, if there is one: in time to save the fence.
 *
 * | the server | when | asked | |
 * |---|---|---|---|
 * | prompt | the last answer took less than a period | each period | left when it is silent for two |
 * | slow | the last answer took longer | each period, but for more than four at a time | left to the client, which waits for three seconds |
 * | new | there is another connection, and the others have not been greeted | not | |
 */

import { CONTACT_PERIOD } from '../core/config.ts';
import type { Transport } from '../transport/transport.ts';
import type { Alarms } from './alarms.ts';
import type { OwnLease } from './own-lease.ts';

/** Questions without an answer. What was asked before these is too old to be worth one. */
const UNDER_WAY = 4;
/** Looks in a row at which a prompt server owes an answer, when it is left: half of D is over, and half is for the way to another. */
const OWING = 2;

/** The touch between this node and its server. */
export class Contact {
	readonly #transport: Transport;
	readonly #lease: OwnLease;
	#underWay = 0;
	/** Looks in a row at which an answer was owed. */
	#owing = 0;
	/** Whether the last answer over this connection took less than a period. */
	#prompt = false;
	/** Whether the others have been greeted over this connection. */
	#greeted = true;

	constructor(transport: Transport, lease: OwnLease) {
		this.#transport = transport;
		this.#lease = lease;
	}

	/** Asks from now on. */
	begin(alarms: Alarms): void {
		alarms.every('contact', CONTACT_PERIOD, () => {
			this.#lease.look();
			// Between two looks the event loop takes what has come, however long it was held up before the first.
			this.#owing = this.#underWay > 0 ? this.#owing + 1 : 0;
			if (this.#prompt && this.#owing >= OWING) this.#transport.forsake();
			this.ask();
		});
	}

	/** Asks, now. */
	ask(): void {
		if (!this.#greeted || this.#transport.state !== 'connected' || this.#underWay >= UNDER_WAY) return;
		const asked = this.#lease.instant();
		this.#underWay++;
		void this.#transport.flush().then(() => {
			this.#underWay--;
			this.#owing = 0;
			this.#prompt = this.#greeted && this.#lease.answered(asked) < CONTACT_PERIOD;
		});
	}

	/** The connection was lost. */
	lost(): void {
		this.#greeted = false;
		this.#prompt = false;
		this.#lease.disconnected();
	}

	/**
	 * There is another connection, and this node has greeted the others over it. An answer now says that the greeting is
	 * on its way to everybody, before any other word that nobody listens here.
	 */
	greeted(): void {
		this.#greeted = true;
		this.ask();
	}
}
