/**
 * Asks the server for signs of life, so that the fence knows of a connection that is gone before the client does: on one
 * that is half open, the server may have dropped this node's subscriptions seconds before the client finds out. Several
 * questions may be under way, so that a round trip of nearly D keeps no fence down.
 */

import { CONTACT_PERIOD } from '../core/config.ts';
import type { Transport } from '../transport/transport.ts';
import type { Alarms } from './alarms.ts';
import type { OwnLease } from './own-lease.ts';

/** Questions without an answer. What was asked before these is too old to be worth one. */
const UNDER_WAY = 4;

/** The touch between this node and its server. */
export class Contact {
	readonly #transport: Transport;
	readonly #lease: OwnLease;
	#underWay = 0;
	/** Whether the others have been greeted over this connection. */
	#greeted = true;

	constructor(transport: Transport, lease: OwnLease) {
		this.#transport = transport;
		this.#lease = lease;
	}

	/** Asks from now on. */
	begin(alarms: Alarms): void {
		alarms.every('contact', CONTACT_PERIOD, () => this.ask());
	}

	/** Asks, now. */
	ask(): void {
		if (!this.#greeted || this.#transport.state !== 'connected' || this.#underWay >= UNDER_WAY) return;
		const asked = this.#lease.instant();
		this.#underWay++;
		void this.#transport.flush().then(() => {
			this.#underWay--;
			this.#lease.answered(asked);
		});
	}

	/** The connection was lost. */
	lost(): void {
		this.#greeted = false;
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
