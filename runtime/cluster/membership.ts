/**
 * Who is in the cluster. Each node keeps one leased record, tells the others each heartbeat that it is there, and
 * watches for silence. What a heartbeat says is a hint; the records are the truth: a node joins by creating its own,
 * dies when another writes a tombstone over it, and can only come back as a new incarnation.
 */

import type { Codec } from '../codec/codec.ts';
import type { Clock } from '../core/clock.ts';
import { EVICT_MARGIN, SUSPEND_AFTER } from '../core/config.ts';
import { TroupeError } from '../core/errors.ts';
import type { EventStream, NodeEvent, SystemEvents } from '../core/events.ts';
import type { NodeInfo } from '../core/node-info.ts';
import type { Transport } from '../transport/transport.ts';
import { Alarms } from './alarms.ts';
import { Contact } from './contact.ts';
import { Departed } from './departed.ts';
import { Greetings } from './greetings.ts';
import { inquire } from './inquest.ts';
import type { Bucket, KvEntry } from './kv.ts';
import { isFinal, readRecord } from './node-record.ts';
import type { OwnLease } from './own-lease.ts';
import { OwnRecord } from './own-record.ts';
import { successor } from './ring.ts';
import { type Periods, Suspicion } from './suspicion.ts';

/** What the membership tells the cluster. */
export interface MembershipEvents {
	/** A node is gone for good: it was evicted, or took leave. */
	departed(node: string): void;
	/** The others have declared this incarnation dead. */
	evicted(): void;
	/** Enters what this node holds in the registry, where it is not. See {@link OwnRecordParts.enter}. */
	enter(): Promise<number>;
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
	suspected: boolean;
	/** When it was last asked for a sign of life. */
	asked: number;
}

/** What nodes say to all: I am new, I am here, I leave, this one is not to be found, this one is dead. */
type Word = 'hello' | 'here' | 'bye' | 'missing' | 'evicted';

/** Strangers looked up at a time; whoever is turned away says hello again. */
const STRANGERS = 32;
/** Part of a heartbeat between looks after a neighbour: a crash is noticed as soon, for 16 small messages a second of each. */
const LOOK = 1 / 8;

/** The members, as this node sees them. */
export class Membership {
	readonly #parts: MembershipParts;
	readonly #alarms: Alarms;
	readonly #record: OwnRecord;
	readonly #contact: Contact;
	readonly #members = new Map<string, Member>();
	readonly #departed: Departed;
	readonly #greetings: Greetings;
	readonly #asking = new Map<string, Promise<boolean>>();
	readonly #inquests = new Map<string, Promise<boolean>>();
	readonly #unsubscribe: (() => void)[] = [];
	#ended = false;
	/** Until then this node evicts nobody. */
	#quietUntil = Number.NEGATIVE_INFINITY;

	constructor(parts: MembershipParts) {
		const { clock, tell, transport, lease } = parts;
		this.#parts = parts;
		this.#contact = new Contact(transport, lease);
		this.#alarms = new Alarms(clock);
		this.#departed = new Departed(parts.bucket, parts.codec, parts.self.id);
		this.#greetings = new Greetings(this.#alarms);
		this.#record = new OwnRecord({
			...parts,
			alarms: this.#alarms,
			evicted: () => tell.evicted(),
			enter: () => tell.enter(),
		});
	}

	/** Creates this node's record, meets the others, and begins to send heartbeats. */
	async join(): Promise<void> {
		const { bucket, transport, prefix, periods } = this.#parts;
		await this.#record.create(periods.lease / 3);
		this.#unsubscribe.push(
			transport.subscribe(`${prefix}.hb`, (data) => this.#heard(data)),
			transport.onState((state) => (state === 'connected' ? this.#reconnected() : this.#contact.lost())),
		);
		this.#contact.begin(this.#alarms);
		for (const entry of await bucket.entries()) this.#learn(entry);
		this.#alarms.every('heartbeat', periods.heartbeat, () => this.#beat());
		this.#alarms.every('watch', periods.heartbeat / 4, () => this.#watch());
		this.#alarms.every('ring', periods.heartbeat * LOOK, () => void this.#lookAfter());
		const greeted = this.#greetings.from(this.#members.keys(), periods.heartbeat);
		this.#say('hello');
		await greeted;
		if (this.#ended) throw new TroupeError('ERR_EVICTED', `node ${this.#parts.self.id} was evicted while it joined`);
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

	/** Whether a member has been silent for longer than it should. */
	suspects(node: string): boolean {
		return this.#members.get(node)?.suspected === true;
	}

	heard(node: string): void {
		const member = this.#members.get(node);
		if (member) this.#alive(member);
	}

	/** The node does not answer on its link: if NATS knows nobody there, that is worth an inquest before it is missed. */
	async doubt(node: string): Promise<void> {
		if (await this.#missing(node)) this.#say('missing', node);
	}

	/** Whether the node is a member: known, or found in the store. A hint, as the store may be behind. */
	async alive(node: string): Promise<boolean> {
		if (node === this.#parts.self.id || this.#members.has(node)) return true;
		if (this.#departed.has(node)) return false;
		const asking = this.#asking.get(node) ?? this.#ask(node).finally(() => this.#asking.delete(node));
		this.#asking.set(node, asking);
		return asking;
	}

	/** Whether the node is dead beyond doubt, so that what it owned may be taken over. */
	async dead(node: string): Promise<boolean> {
		const { bucket, codec, self } = this.#parts;
		if (node === self.id || this.#members.has(node)) return false;
		// When the store has been lost, there may be no tombstone; with a new one nobody comes back.
		if (this.#departed.has(node)) return this.#departed.buried(node);
		const entry = await bucket.get(node);
		if (entry) {
			const final = isFinal(readRecord(codec, entry)?.fate);
			if (final) this.#departed.add(node);
			return final;
		}
		const inquest = this.#inquests.get(node) ?? this.#inquest(node).finally(() => this.#inquests.delete(node));
		this.#inquests.set(node, inquest);
		return inquest;
	}

	/**
	 * A node without a record was buried long ago, or lives and has lost it: to a server's wrong clock, say. So it is given
	 * the time that any other has that is not heard of.
	 */
	async #inquest(node: string): Promise<boolean> {
		const { clock, periods, self } = this.#parts;
		const mayEvict = (): boolean => clock.now() >= this.#quietUntil;
		// Who claims an ID waits for the end of this, even if this node's own comes first.
		const alarms = { once: (_name: string, delay: number, run: () => void) => void clock.after(delay, run, true) };
		const parts = { ...this.#parts, alarms, self: self.id, heartbeat: periods.heartbeat, mayEvict };
		const unheard = new Suspicion(periods, Number.NEGATIVE_INFINITY);
		const finding = await inquire(parts, node, this.subjectOf(node), unheard, () => !this.#ended);
		return finding !== 'alive';
	}

	/** The store was lost: see {@link Departed.buryAgain}. */
	buryAgain(): Promise<boolean> {
		return this.#departed.buryAgain();
	}

	/** Whether one more stranger may be looked up now. */
	get curious(): boolean {
		return this.#asking.size < STRANGERS;
	}

	/** Something waits for the fence to go up: does now what that takes. */
	fenced(): void {
		if (this.#parts.lease.lapsed) void this.#record.renew();
		else this.#contact.ask();
	}

	/** Closes the record and says goodbye. Never rejects. */
	async leave(): Promise<void> {
		this.end();
		await this.#record.leave();
		this.#say('bye');
	}

	/** Stops all that runs. */
	end(): void {
		this.#ended = true;
		this.#alarms.end();
		for (const off of this.#unsubscribe) off();
	}

	/** The subject on which a node listens. */
	subjectOf(node: string): string {
		return `${this.#parts.prefix}.n.${node}`;
	}

	// -------------------------------------------------------------------------------------------------------- meeting

	#say(word: Word, node = this.#parts.self.id): void {
		const { transport, prefix, codec } = this.#parts;
		transport.publish(`${prefix}.hb`, codec.encode([word, node]));
	}

	#heard(data: Uint8Array): void {
		const [word, node] = this.#words(data);
		if (typeof node !== 'string' || this.#ended) return;
		const member = this.#members.get(node);
		if (node === this.#parts.self.id) {
			if (word === 'evicted') void this.#record.renew();
		} else if (word === 'missing') {
			void this.#missing(node, true);
		} else if (word === 'bye' || word === 'evicted') {
			// Anybody can say so; the record knows.
			if (member) void this.#verify(member);
		} else if (member) {
			this.#alive(member);
			if (word === 'hello') this.#say('here');
		} else if (!this.#departed.has(node) && this.curious) {
			this.alive(node).then(
				(alive) => alive && word === 'hello' && this.#say('here'),
				() => {},
			);
		}
	}

	#words(data: Uint8Array): readonly unknown[] {
		try {
			const words = this.#parts.codec.decode(data);
			return Array.isArray(words) ? words : [];
		} catch {
			return [];
		}
	}

	async #ask(node: string): Promise<boolean> {
		const entry = await this.#parts.bucket.get(node);
		return entry !== undefined && this.#learn(entry);
	}

	#learn(entry: KvEntry): boolean {
		const { clock, codec, self, periods } = this.#parts;
		const record = readRecord(codec, entry);
		if (!record || this.#ended) return false;
		const { fate, info } = record;
		if (info.id === self.id || this.#members.has(info.id)) return true;
		if (fate !== 'up' || this.#departed.has(info.id)) {
			this.#departed.add(info.id);
			return false;
		}
		this.#members.set(info.id, {
			info,
			suspicion: new Suspicion(periods, clock.now()),
			suspected: false,
			asked: Number.NEGATIVE_INFINITY,
		});
		this.#emit('nodeUp', info);
		return true;
	}

	// ------------------------------------------------------------------------------------------------------- watching

	#beat(): void {
		if (this.#parts.transport.state === 'connected') this.#say('here');
	}

	#watch(): void {
		const { clock, transport } = this.#parts;
		if (transport.state !== 'connected') return;
		for (const member of this.#members.values()) {
			if (!member.suspected && member.suspicion.verdict(clock.now()) !== 'fine') void this.#suspect(member);
		}
	}

	/**
	 * Each looks after one other: if that one is gone, it tells all, and looks after the next. What has been asked before may
	 * still be under way: nobody may ever answer a probe that came just before a process ended.
	 */
	async #lookAfter(): Promise<void> {
		const { self } = this.#parts;
		const next = (): string | undefined => {
			const trusted = [...this.#members.values()].filter(({ suspected }) => !suspected);
			return successor(
				self.id,
				trusted.map(({ info }) => info.id),
			);
		};
		for (let node = next(); node !== undefined && (await this.#missing(node)); node = next())
			this.#say('missing', node);
	}

	/**
	 * Asks for a sign of life of a member, and suspects it when NATS knows nobody there. `told`: by another, who is sure to
	 * be the first to evict it, if it comes to that; and who may lie, for which no member is asked more often than else.
	 */
	async #missing(node: string, told = false): Promise<boolean> {
		const { clock, transport, periods } = this.#parts;
		const member = this.#members.get(node);
		if (!member || member.suspected || transport.state !== 'connected') return false;
		const now = clock.now();
		if (told && now - member.asked < periods.heartbeat * LOOK) return false;
		member.asked = now;
		const answer = await transport.probe(this.subjectOf(node), periods.heartbeat / 2);
		if (this.#ended || member.suspected || this.#members.get(node) !== member) return false;
		if (answer === 'answered') this.#alive(member);
		if (answer !== 'no-responders') return false;
		member.suspicion.unreachable(now, clock.now());
		void this.#suspect(member, told);
		return true;
	}

	#alive(member: Member): void {
		member.suspicion.heard(this.#parts.clock.now());
		this.#greetings.heard(member.info.id);
	}

	async #suspect(member: Member, told = false): Promise<void> {
		const { clock, periods, self } = this.#parts;
		const { id } = member.info;
		member.suspected = true;
		member.info = { ...member.info, status: 'suspect' };
		this.#emit('nodeSuspect', member.info);
		// Of many who are told at once, each would write its tombstone at the same time.
		const turn = told ? clock.now() + SUSPEND_AFTER + EVICT_MARGIN + periods.heartbeat / 4 : Number.NEGATIVE_INFINITY;
		const mayEvict = (): boolean => clock.now() >= Math.max(turn, this.#quietUntil);
		const parts = { ...this.#parts, alarms: this.#alarms, self: self.id, heartbeat: periods.heartbeat, mayEvict };
		const open = (): boolean => !this.#ended && this.#members.get(id) === member;
		const finding = await inquire(parts, id, this.subjectOf(id), member.suspicion, open);
		member.suspected = false;
		member.info = { ...member.info, status: 'up' };
		if (finding === 'alive') {
			if (open()) this.#emit('nodeTrusted', member.info);
			return;
		}
		if (finding.died) this.#say('evicted', id);
		this.#depart(member, finding.reason);
	}

	/** Believes a tombstone, and nothing less: a record that is not there may be late, or lost with the store. */
	async #verify(member: Member): Promise<void> {
		const { bucket, codec } = this.#parts;
		const entry = await bucket.get(member.info.id).catch(() => undefined);
		const fate = entry && readRecord(codec, entry)?.fate;
		if (fate === 'left') this.#depart(member, 'left');
		else if (fate === 'evicted') this.#depart(member, 'no-responders');
	}

	#depart({ info }: Member, reason: NonNullable<NodeEvent['reason']>): void {
		if (!this.#members.delete(info.id)) return;
		this.#departed.add(info.id);
		this.#greetings.heard(info.id);
		this.#parts.tell.departed(info.id);
		this.#emit('nodeDown', info, reason);
	}

	/** After an outage everybody gets the time to renew: for one lease, nobody is evicted by this node. */
	#reconnected(): void {
		const { clock, periods } = this.#parts;
		const now = clock.now();
		this.#quietUntil = now + periods.lease;
		for (const { suspicion } of this.#members.values()) suspicion.startOver(now);
		this.#say('hello');
		this.#contact.greeted();
		void this.#record.renew();
		// What was said meanwhile went unheard.
		for (const member of this.#members.values()) void this.#verify(member);
	}

	#emit(name: Extract<keyof SystemEvents, `node${string}`>, info: NodeInfo, reason?: NodeEvent['reason']): void {
		this.#parts.events.emit(name, { node: info.id, name: info.name, ...(reason ? { reason } : {}) });
	}
}
