/**
 * This node's own record: created on joining, renewed by compare-and-set each third of the lease and whenever the fence
 * needs it, closed on leaving. Only its record tells a node whether it is still a member.
 *
 * | a renewal finds | and | so |
 * |---|---|---|
 * | the revision that was written last | | written anew: the lease is *renewed* |
 * | another, which says "up" | an earlier renewal got through, its answer did not | written anew: *renewed* |
 * | a tombstone | | *evicted* |
 * | nothing | the bucket is another: the store was lost | what the node holds is entered again, then made anew: *renewed* |
 * | nothing | the fence stands, so nobody can have written a tombstone that is gone: a server's clock is wrong | made anew: *renewed* |
 * | nothing | the fence is down | *evicted*: there may have been a tombstone |
 * | no answer | | not known: asked again in a moment, and the lease goes on running out |
 *
 * A renewal counts only if all that the node holds was in the registry after it began: what was lost with the store may be
 * given to others.
 */

import type { Codec } from '../codec/codec.ts';
import { isTroupeError, TroupeError } from '../core/errors.ts';
import type { NodeInfo } from '../core/node-info.ts';
import type { Transport } from '../transport/transport.ts';
import type { Alarms } from './alarms.ts';
import type { Bucket } from './kv.ts';
import { encodeRecord, readRecord } from './node-record.ts';
import type { Instant, OwnLease } from './own-lease.ts';

/** After a renewal without an answer, in ms. */
const RENEW_AGAIN = 250;

/** What the record is made of, and whom it tells. */
export interface OwnRecordParts {
	readonly bucket: Bucket;
	readonly codec: Codec;
	readonly transport: Transport;
	readonly lease: OwnLease;
	readonly alarms: Alarms;
	readonly self: NodeInfo;
	/** The others have declared this incarnation dead. */
	readonly evicted: () => void;
	/**
	 * Enters what this node holds in the registry, where it is not. Resolves to the life of the registry; rejects when that
	 * cannot be done, with `ERR_EVICTED` when this incarnation is over.
	 */
	readonly enter: () => Promise<number>;
}

/** The lease, as it stands in the store. */
export class OwnRecord {
	readonly #parts: OwnRecordParts;
	#revision = 0;
	/** Which life of the bucket the revision is of. */
	#written = 0;
	/** Which life of the registry everything was entered in by then. */
	#entered = Number.NaN;
	#renewing = false;
	#over = false;

	constructor(parts: OwnRecordParts) {
		this.#parts = parts;
	}

	/** Makes the record, and begins to renew it. */
	async create(period: number): Promise<void> {
		const { bucket, codec, lease, alarms, self } = this.#parts;
		const started = lease.instant();
		this.#entered = await this.#parts.enter();
		const revision = await bucket.create(self.id, encodeRecord(codec, 'up', self, self.id));
		if (revision === undefined)
			throw new TroupeError('ERR_CONNECT', `a node of the incarnation ${self.id} exists already`);
		this.#renewed(revision, started);
		alarms.every('renew', period, () => void this.renew());
	}

	/** Renews the lease, now. */
	async renew(): Promise<void> {
		const { bucket, codec, lease, alarms, self, transport } = this.#parts;
		// What has not been made yet is not gone.
		const none = this.#revision === 0;
		if (none || this.#renewing || this.#over || transport.state !== 'connected') return;
		this.#renewing = true;
		const started = lease.instant();
		try {
			const life = await this.#parts.enter();
			const revision = await bucket.update(self.id, encodeRecord(codec, 'up', self, self.id), this.#revision);
			if (revision === undefined) await this.#reconcile(started);
			else {
				this.#renewed(revision, started);
				this.#entered = life;
			}
		} catch (error) {
			if (isTroupeError(error) && error.code === 'ERR_EVICTED') return this.#evicted();
			// The outcome is unknown; what the record says decides the next attempt.
			alarms.once('renew again', RENEW_AGAIN, () => void this.renew());
		} finally {
			this.#renewing = false;
		}
	}

	/** Writes into the record that this node has left. Never rejects. */
	async leave(): Promise<void> {
		const { bucket, codec, lease, self, transport } = this.#parts;
		this.#over = true;
		lease.end();
		if (transport.state !== 'connected') return;
		await bucket.update(self.id, encodeRecord(codec, 'left', self, self.id), this.#revision).catch(() => undefined);
	}

	#renewed(revision: number, started: Instant): void {
		if (this.#over) return;
		this.#revision = revision;
		this.#written = this.#parts.bucket.created;
		this.#parts.lease.renewed(started);
	}

	/** The record is not as we left it: a tombstone, gone, or written by a renewal whose answer was lost. */
	async #reconcile(started: Instant): Promise<void> {
		const { bucket, codec, self, lease, enter } = this.#parts;
		const entry = await bucket.get(self.id);
		if (entry && readRecord(codec, entry)?.fate === 'up') {
			const revision = await bucket.update(self.id, encodeRecord(codec, 'up', self, self.id), entry.revision);
			if (revision !== undefined) this.#renewed(revision, started);
			return;
		}
		// With the whole store: what is here has been entered again, and nobody who knows better has said so.
		const life = bucket.created === this.#written ? this.#entered : await enter();
		const mayBe = (): boolean => life !== this.#entered || lease.holds();
		if (entry || !mayBe()) return this.#evicted();
		const revision = await bucket.create(self.id, encodeRecord(codec, 'up', self, self.id));
		if (revision === undefined) return;
		if (!mayBe()) return this.#evicted();
		this.#renewed(revision, started);
		this.#entered = life;
	}

	#evicted(): void {
		if (this.#over) return;
		this.#over = true;
		this.#parts.lease.end();
		this.#parts.evicted();
	}
}
