/**
 * Who is in the cluster. Each node keeps one leased record, tells the others each heartbeat that it is there, and
 * watches for silence. What a heartbeat says is a hint; the records are the truth: a node joins by creating its own,
 * dies when another writes a tombstone over it by compare-and-set, and can only come back as a new incarnation.
 */

import type { Codec } from '../codec/codec.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import { TroupeError } from '../core/errors.ts';
import type { EventStream, NodeEvent } from '../core/events.ts';
import type { NodeInfo } from '../core/node-info.ts';
import type { Transport } from '../transport/transport.ts';
import type { Bucket, KvEntry } from './kv.ts';
import type { OwnLease } from './own-lease.ts';
import { type Periods, Suspicion } from './suspicion.ts';

/** What the membership tells the cluster. */
export interface MembershipEvents {
	/** A node is gone for good. `died`: it was evicted; otherwise it took leave. */
	departed(node: string, died: boolean): void;
	/** The others have declared this incarnation dead. */
	evicted(): void;
	/** This node's record was lost with the store and has been made anew. */
	storeLost(): void;
}

/** What the membership is made of. */
export interface MembershipParts {
	readonly clock: Clock;
	readonly codec: Codec;
	readonly transport: Transport;
	readonly bucket: Bucket;
	readonly events: EventStream;
	readonly lease: OwnLease;
	readonly periods: Periods;
	readonly prefix: string;
	readonly self: NodeInfo;
	readonly tell: MembershipEvents;
}

interface Member {
	info: NodeInfo;
	readonly suspicion: Suspicion;
	investigating: boolean;
}

type Word = 'hello' | 'here' | 'bye' | 'evicted';

interface Notice {
	readonly word: Word;
	readonly node: string;
	readonly name: string;
	readonly roles: readonly string[];
	readonly kinds: readonly string[];
}

const UP = 'up';
const EVICTED = 'evicted';
/** Departed incarnations to remember; one that is forgotten is refused by its missing record. */
const DEPARTED = 4_096;
/** After a renewal without an answer, in ms. */
const RENEW_AGAIN = 250;
/** Strangers looked up at a time; whoever is turned away says hello again. */
const STRANGERS = 32;

/** The members, as this node sees them. */
export class Membership {
	readonly #parts: MembershipParts;
	readonly #members = new Map<string, Member>();
	readonly #departed = new Set<string>();
	readonly #asking = new Map<string, Promise<boolean>>();
	#revision = 0;
	/** Which life of the bucket the revision is of. */
	#written = 0;
	#ended = false;
	#renewing = false;
	#quietUntil = Number.NEGATIVE_INFINITY;
	readonly #cancels = new Map<string, Cancel>();
	readonly #unsubscribe: (() => void)[] = [];
	#unmet: Set<string> | undefined;
	#onMet: () => void = () => {};

	constructor(parts: MembershipParts) {
		this.#parts = parts;
	}

	/** Creates this node's record, meets the others, and begins to send heartbeats. */
	async join(): Promise<void> {
		const { bucket, transport, prefix, lease, self } = this.#parts;
		const started = lease.instant();
		const revision = await bucket.create(self.id, this.#record(UP));
		if (revision === undefined) throw new TroupeError('ERR_CONNECT', `a node with the incarnation ${self.id} exists already`);
		this.#renewed(revision, started);
		this.#unsubscribe.push(
			transport.subscribe(`${prefix}.hb`, (data) => this.#heard(data)),
			transport.onState((state) => (state === 'connected' ? this.#reconnected() : lease.disconnected())),
		);
		for (const entry of await bucket.entries()) this.#learn(entry);
		this.#say('hello');
		this.#every('heartbeat', this.#parts.periods.heartbeat, () => this.#beat());
		this.#every('renew', this.#parts.periods.lease / 3, () => void this.renew());
		await this.#met();
	}

	/** The members but this node. */
	others(): NodeInfo[] {
		return [...this.#members.values()].map((member) => member.info);
	}

	has(node: string): boolean {
		return this.#members.has(node);
	}

	departed(node: string): boolean {
		return this.#departed.has(node);
	}

	heard(node: string): void {
		const member = this.#members.get(node);
		if (member) this.#alive(member);
	}

	/** Whether the node is a member: known, or found in the store. */
	async alive(node: string): Promise<boolean> {
		if (node === this.#parts.self.id || this.#members.has(node)) return true;
		if (this.#departed.has(node)) return false;
		let asking = this.#asking.get(node);
		if (!asking) {
			asking = this.#ask(node).finally(() => this.#asking.delete(node));
			this.#asking.set(node, asking);
		}
		return asking;
	}

	/** Whether one more stranger may be looked up now. */
	get curious(): boolean {
		return this.#asking.size < STRANGERS;
	}

	/** Renews the lease; finds out if this incarnation has been evicted. */
	async renew(): Promise<void> {
		if (this.#renewing || this.#ended || this.#parts.transport.state !== 'connected') return;
		this.#renewing = true;
		const { bucket, lease, self } = this.#parts;
		const started = lease.instant();
		try {
			const revision = await bucket.update(self.id, this.#record(UP), this.#revision);
			if (revision !== undefined) this.#renewed(revision, started);
			else await this.#reconcile(started);
		} catch {
			// The outcome is unknown; what the record says decides the next attempt.
			this.#once('renew-again', RENEW_AGAIN, () => void this.renew());
		} finally {
			this.#renewing = false;
		}
	}

	/** Says goodbye and gives the record back. Never rejects. */
	async leave(): Promise<void> {
		const { bucket, lease, self, transport } = this.#parts;
		this.end();
		lease.end();
		if (transport.state !== 'connected') return;
		await bucket.remove(self.id, this.#revision).catch(() => false);
		this.#say('bye');
	}

	/** Stops all that runs. */
	end(): void {
		this.#ended = true;
		for (const cancel of this.#cancels.values()) cancel();
		for (const off of this.#unsubscribe) off();
	}

	// ----------------------------------------------------------------------------------------------------- own record

	#record(state: string): Uint8Array {
		const { self, codec } = this.#parts;
		return codec.encode([state, self.id, self.name, self.roles, self.kinds]);
	}

	#renewed(revision: number, started: { readonly now: number; readonly wall: number }): void {
		this.#revision = revision;
		this.#written = this.#parts.bucket.created;
		this.#parts.lease.renewed(started);
	}

	/** Our record is not as we left it: evicted, lost with the store, or written by a renewal whose answer was lost. */
	async #reconcile(started: { readonly now: number; readonly wall: number }): Promise<void> {
		const { bucket, self, tell } = this.#parts;
		const entry = await bucket.get(self.id);
		if (entry && this.#read(entry)?.state === UP) {
			const revision = await bucket.update(self.id, this.#record(UP), entry.revision);
			if (revision !== undefined) this.#renewed(revision, started);
			return;
		}
		if (entry) {
			this.#parts.lease.end();
			tell.evicted();
			return;
		}
		if (bucket.created === this.#written) {
			// Collected after an eviction that we slept through.
			this.#parts.lease.end();
			tell.evicted();
			return;
		}
		const revision = await bucket.create(self.id, this.#record(UP));
		if (revision === undefined) return;
		this.#renewed(revision, started);
		tell.storeLost();
	}

	// -------------------------------------------------------------------------------------------------------- meeting

	#say(word: Word, node = this.#parts.self.id): void {
		const { transport, prefix, codec, self } = this.#parts;
		transport.publish(`${prefix}.hb`, codec.encode([word, node, self.name, self.roles, self.kinds]));
	}

	#heard(data: Uint8Array): void {
		if (this.#ended) return;
		const notice = this.#notice(data);
		if (!notice || notice.node === this.#parts.self.id) {
			if (notice?.word === 'evicted') void this.renew();
			return;
		}
		const { word, node } = notice;
		const member = this.#members.get(node);
		if (word === 'bye' || word === 'evicted') {
			// Anybody can say so; the record knows.
			if (member) void this.#verify(member);
		} else if (member) {
			this.#alive(member);
			if (word === 'hello') this.#say('here');
		} else if (!this.#departed.has(node) && this.curious) {
			void this.alive(node).then(
				(alive) => alive && word === 'hello' && this.#say('here'),
				() => {},
			);
		}
	}

	#notice(data: Uint8Array): Notice | undefined {
		try {
			const [word, node, name, roles, kinds] = this.#parts.codec.decode(data) as unknown[];
			if (typeof word !== 'string' || typeof node !== 'string' || typeof name !== 'string') return undefined;
			return { word: word as Word, node, name, roles: texts(roles), kinds: texts(kinds) };
		} catch {
			return undefined;
		}
	}

	async #ask(node: string): Promise<boolean> {
		const entry = await this.#parts.bucket.get(node);
		if (entry) return this.#learn(entry);
		this.#forget(node);
		return false;
	}

	#learn(entry: KvEntry): boolean {
		const { clock, self, periods } = this.#parts;
		const read = this.#read(entry);
		if (!read || this.#ended) return false;
		const { state, info } = read;
		if (info.id === self.id || this.#members.has(info.id)) return true;
		if (state !== UP || this.#departed.has(info.id)) {
			this.#forget(info.id);
			return false;
		}
		this.#members.set(info.id, { info, suspicion: new Suspicion(periods, clock.now()), investigating: false });
		this.#emit('nodeUp', info);
		return true;
	}

	#read(entry: KvEntry): { readonly state: string; readonly info: NodeInfo } | undefined {
		try {
			const [state, id, name, roles, kinds] = this.#parts.codec.decode(entry.value) as unknown[];
			if (typeof state !== 'string' || typeof name !== 'string' || id !== entry.key) return undefined;
			return { state, info: { id: entry.key, name, roles: texts(roles), kinds: texts(kinds), status: 'up' } };
		} catch {
			return undefined;
		}
	}

	/** Resolves when every member found in the store has answered our hello, or has had the time of a heartbeat to. */
	#met(): Promise<void> {
		this.#unmet = new Set(this.#members.keys());
		return new Promise((resolve) => {
			const met = (): void => {
				this.#cancels.get('met')?.();
				this.#unmet = undefined;
				resolve();
			};
			if (this.#unmet?.size === 0) return met();
			this.#onMet = met;
			this.#once('met', this.#parts.periods.heartbeat, met);
		});
	}

	// ------------------------------------------------------------------------------------------------------- watching

	#beat(): void {
		const { clock, transport } = this.#parts;
		if (transport.state !== 'connected') return;
		this.#say('here');
		for (const member of this.#members.values()) {
			if (member.suspicion.verdict(clock.now()) !== 'fine' && !member.investigating) void this.#investigate(member);
		}
	}

	#alive(member: Member): void {
		member.suspicion.heard(this.#parts.clock.now());
		if (member.info.status === 'suspect') member.info = { ...member.info, status: 'up' };
		if (this.#unmet?.delete(member.info.id) && this.#unmet.size === 0) this.#onMet();
	}

	/** Asks NATS whether anybody listens for the node, and the store whether its lease still moves, until either decides. */
	async #investigate(member: Member): Promise<void> {
		const { clock, transport, periods, bucket } = this.#parts;
		const { info, suspicion } = member;
		member.investigating = true;
		member.info = { ...info, status: 'suspect' };
		this.#emit('nodeSuspect', info);
		const pause = periods.heartbeat / 4;
		for (let round = 0; !this.#ended && this.#members.get(info.id) === member; round++) {
			if (transport.state === 'connected') {
				const answer = await transport.probe(this.subjectOf(info.id), periods.heartbeat / 2);
				if (answer === 'answered') this.#alive(member);
				else if (answer === 'no-responders') suspicion.unreachable(clock.now());
				else suspicion.silent();
				if (round % 4 === 0) {
					const entry = await bucket.get(info.id).catch(() => undefined);
					if (entry) suspicion.leaseSeen(entry.revision, clock.now());
				}
			}
			const verdict = suspicion.verdict(clock.now());
			if (verdict === 'fine') break;
			if (verdict !== 'suspect' && transport.state === 'connected' && clock.now() >= this.#quietUntil) {
				if (await this.#evict(member, verdict)) return;
			}
			await new Promise<void>((resolve) => this.#once(`investigate ${info.id}`, pause, resolve));
		}
		member.investigating = false;
	}

	/** Writes the tombstone. Of several who try, or a renewal in time, one wins. */
	async #evict(member: Member, reason: 'no-responders' | 'lease-expired'): Promise<boolean> {
		const { bucket, codec, self } = this.#parts;
		const { info } = member;
		try {
			const entry = await bucket.get(info.id);
			if (!entry || this.#read(entry)?.state !== UP) {
				this.#depart(member, entry !== undefined, entry ? reason : 'left');
				return true;
			}
			const tombstone = codec.encode([EVICTED, info.id, info.name, [], [], self.id]);
			if ((await bucket.update(info.id, tombstone, entry.revision)) === undefined) return false;
			this.#say('evicted', info.id);
			this.#depart(member, true, reason);
			return true;
		} catch {
			// The store is away; the suspicion stays.
			return false;
		}
	}

	async #verify(member: Member): Promise<void> {
		const entry = await this.#parts.bucket.get(member.info.id).catch(() => null);
		if (entry === null || this.#members.get(member.info.id) !== member) return;
		if (!entry) this.#depart(member, false, 'left');
		else if (this.#read(entry)?.state !== UP) this.#depart(member, true, 'no-responders');
	}

	#depart(member: Member, died: boolean, reason: NonNullable<NodeEvent['reason']>): void {
		const { info } = member;
		if (!this.#members.delete(info.id)) return;
		this.#forget(info.id);
		this.#parts.tell.departed(info.id, died);
		this.#emit('nodeDown', info, reason);
	}

	#forget(node: string): void {
		this.#departed.add(node);
		if (this.#departed.size <= DEPARTED) return;
		for (const oldest of this.#departed) {
			this.#departed.delete(oldest);
			break;
		}
	}

	/** After an outage everybody gets the time to renew: for one lease, nobody is evicted by this node. */
	#reconnected(): void {
		const { clock, lease, periods } = this.#parts;
		const now = clock.now();
		lease.connected();
		this.#quietUntil = now + periods.lease;
		for (const { suspicion } of this.#members.values()) suspicion.startOver(now);
		void this.renew();
		this.#say('hello');
	}

	/** The subject on which a node listens. */
	subjectOf(node: string): string {
		return `${this.#parts.prefix}.n.${node}`;
	}

	// --------------------------------------------------------------------------------------------------------- timing

	#every(name: string, interval: number, run: () => void): void {
		this.#once(name, interval, () => {
			this.#every(name, interval, run);
			run();
		});
	}

	#once(name: string, delay: number, run: () => void): void {
		if (this.#ended) return;
		this.#cancels.get(name)?.();
		const cancel = this.#parts.clock.after(delay, () => {
			this.#cancels.delete(name);
			run();
		});
		this.#cancels.set(name, cancel);
	}

	#emit(name: 'nodeUp' | 'nodeSuspect' | 'nodeDown', info: NodeInfo, reason?: NodeEvent['reason']): void {
		this.#parts.events.emit(name, { node: info.id, name: info.name, ...(reason ? { reason } : {}) });
	}
}

function texts(value: unknown): readonly string[] {
	return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
