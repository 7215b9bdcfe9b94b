/**
 * Durable mailboxes of one system, as one node sees them: what it sends goes out in lanes, what its actors are to handle
 * comes in, and what was given up is kept. Nobody consumes anything of JetStream's: an owner reads the values under its
 * own key, and is told that there are more by a word on the subject of its shard, or finds out at the next look.
 */

import type { Connection } from '../cluster/connect.ts';
import { LastingBucket } from '../cluster/lasting-bucket.ts';
import { LastingStream } from '../cluster/lasting-stream.ts';
import { encodeToken } from '../core/address.ts';
import type { Cancel } from '../core/clock.ts';
import { isTroupeError, messageOf, TroupeError } from '../core/errors.ts';
import { bucketOf, mailOf, streamOf } from '../core/subjects.ts';
import type { Cell } from '../kernel/cell.ts';
import type { Keeper, Kernel } from '../kernel/kernel.ts';
import type { Lane, Post } from '../kernel/post.ts';
import type { Route } from '../kernel/route.ts';
import type { Read } from '../observe/gauges.ts';
import { DeadLetters } from './dead-letters.ts';
import { Incoming } from './incoming.ts';
import { Journal } from './journal.ts';
import type { Letter } from './letter.ts';
import { Logbook, type Logbooks, type Surely } from './logbook.ts';
import { Outgoing } from './outgoing.ts';
import { Postman } from './postbox.ts';
import { Replies } from './replies.ts';
import { shardOf } from './shard.ts';

/** Between looks at what waits, in ms: the word that something does may be lost. */
const LOOK = 5_000;
/** Between attempts at what the store has not answered, in ms. */
const FIRST_RETRY = 50;
const LONGEST_RETRY = 1_000;
/** Room for what goes with a value, in bytes, as long as the store has not said how much it takes. */
const HEADERS = 1_024;
/** What no attempt can change. */
const HOPELESS: ReadonlySet<string> = new Set([
	'ERR_PERMISSION',
	'ERR_NO_JETSTREAM',
	'ERR_TOO_LARGE',
	'ERR_SYSTEM_STOPPED',
]);

/** What it is made of. */
export interface PostOfficeParts {
	readonly kernel: Kernel;
	readonly system: string;
	/** Copies of what is kept. */
	readonly replicas: number;
	/** Names the lanes of this node; no other node's. */
	readonly self: string;
	/** Connects, when it is first needed. */
	readonly connect: () => Promise<Connection>;
	/** The largest message of the transport, as far as that is known, in bytes. */
	readonly maxPayload: () => number;
	/** Tells the figures of a mailbox; returns an end of it. */
	readonly gauge: (name: string, read: Read) => Cancel;
}

/** What is open. */
interface Desk {
	readonly connection: Connection;
	readonly mail: LastingStream;
	readonly dead: DeadLetters;
	readonly journals: LastingBucket;
}

/** The durable mailboxes, from one node. */
export class PostOffice implements Post, Keeper, Logbooks {
	readonly #parts: PostOfficeParts;
	readonly #replies = new Replies();
	readonly #postman: Postman;
	readonly #lanes = new Set<Outgoing>();
	readonly #incoming = new Map<string, Incoming>();
	/** Ends the telling of a mailbox's figures. */
	readonly #gauges = new Map<string, Cancel>();
	/** Values of each mailbox, at the last look. */
	#backlog: ReadonlyMap<string, number> = new Map();
	/** Ends the subscription of a shard, and how many mailboxes of ours are in it. */
	readonly #shards = new Map<number, { count: number; readonly end: () => void }>();
	readonly #listening: (() => void)[] = [];
	#desk: Promise<Desk> | undefined;
	#open: Desk | undefined;
	#logs: Promise<LastingStream> | undefined;
	#looking: Cancel | undefined;
	#numbers = 0;
	#closed = false;

	constructor(parts: PostOfficeParts) {
		this.#parts = parts;
		this.#postman = new Postman(parts.kernel, this.#replies);
	}

	/** Messages that have not been stored. */
	get pending(): number {
		let pending = 0;
		for (const lane of this.#lanes) pending += lane.pending;
		return pending;
	}

	get maxBytes(): number {
		return this.#open?.mail.maxBytes ?? this.#parts.maxPayload() - HEADERS;
	}

	lane(route: Route): Lane {
		const { kernel, self } = this.#parts;
		return new Outgoing(kernel, route, this.#replies, this, `${self}-${++this.#numbers}`);
	}

	/** A lane has messages, or has none any more. */
	active(lane: Outgoing, is: boolean): void {
		if (is) this.#lanes.add(lane);
		else this.#lanes.delete(lane);
	}

	async store({ id }: Route, value: Uint8Array, name: string): Promise<boolean> {
		const key = encodeToken(id);
		let attempts = 0;
		const stored = await this.#surely(
			async () => {
				const { mail } = await this.#opened();
				attempts++;
				const appended = await mail.append(key, value, name);
				return typeof appended === 'string' ? undefined : appended;
			},
			() => !this.#closed,
		);
		if (!stored) throw stopped();
		this.#tell(key, stored.sequence);
		// After an attempt without an answer, it may well be that one which was stored.
		return !stored.duplicate || attempts > 1;
	}

	/** Until it has a result, for as long as that is wanted. Rejects with what no attempt can change. */
	async #surely<T>(operate: () => Promise<T | undefined>, wanted: () => boolean): Promise<T | undefined> {
		const { clock } = this.#parts.kernel;
		for (let delay = FIRST_RETRY; wanted(); delay = Math.min(delay * 2, LONGEST_RETRY)) {
			try {
				const result = await operate();
				if (result !== undefined) return result;
			} catch (error) {
				if (isTroupeError(error) && HOPELESS.has(error.code)) throw error;
			}
			await new Promise<void>((resolve) => clock.after(delay, resolve));
		}
		return undefined;
	}

	attend(cell: Cell): void {
		void this.#attend(cell);
	}

	async #attend(cell: Cell): Promise<void> {
		const { kernel } = this.#parts;
		const key = encodeToken(cell.id);
		const terms = cell.policies.mailbox.durable;
		if (!terms) return;
		const desk = await this.#surely(
			() => this.#opened(),
			() => !this.#closed && kernel.registered(cell.id) === cell,
		).catch((error) => {
			const message = `the durable mailbox of ${cell.id} cannot be opened: ${messageOf(error)}`;
			kernel.warn('MAILBOX_FAILED', message, { actor: cell.id, error });
		});
		if (!desk || kernel.registered(cell.id) !== cell) return;
		const { mail, dead, journals } = desk;
		const journal = new Journal(journals, key, cell.id, kernel.node);
		const answer = ({ reply }: Letter, failed: boolean, value: unknown): void => {
			if (reply) void this.#postman.bring(reply, failed, value);
		};
		this.#listen(key, desk.connection);
		const incoming = new Incoming(cell, key, terms, { mail, bury: (letter) => dead.add(key, letter), answer }, journal);
		this.#incoming.set(key, incoming);
		const read: Read = () => ({ ...incoming.figures, values: this.#backlog.get(key) ?? 0 });
		this.#gauges.set(key, this.#parts.gauge(cell.id, read));
		this.#lookLater();
	}

	pause(cell: Cell): void {
		this.#incomingOf(cell)?.pause();
	}

	leave(cell: Cell): Promise<void> | undefined {
		const incoming = this.#incomingOf(cell);
		if (!incoming) return undefined;
		this.#incoming.delete(incoming.key);
		this.#gauges.get(incoming.key)?.();
		this.#gauges.delete(incoming.key);
		this.#unlisten(incoming.key);
		return incoming.close();
	}

	/** Opens the store, in the background: who hosts durable mailboxes is about to need it. */
	prepare(): void {
		this.#opened().catch(() => {});
	}

	/**
	 * Records under a key of their own, for what is made of actors. Reads and appends go on until they are answered, for as long as
	 * the system does. Rejects with what no attempt can change.
	 */
	async logbook(key: string): Promise<Logbook> {
		const { kernel, system, replicas, self } = this.#parts;
		const surely: Surely = async (operate) => {
			const result = await this.#surely(operate, () => !this.#closed);
			if (result === undefined) throw stopped();
			return result;
		};
		this.#logs ??= surely(async () => {
			const { streams } = (await this.#opened()).connection;
			return LastingStream.open(streams, streamOf(system, 'channels'), { replicas });
		});
		this.#logs.catch(() => {
			this.#logs = undefined;
		});
		return new Logbook(kernel.codec, await this.#logs, encodeToken(key), self, surely);
	}

	/** What was given up, wherever that was. Rejects when it cannot be reached. */
	async deadLetters(): Promise<DeadLetters> {
		return (await this.#opened()).dead;
	}

	/** Resolves when all that was sent has been stored, or after `patience` ms. */
	async settled(patience: number): Promise<void> {
		const { clock } = this.#parts.kernel;
		const end = clock.now() + patience;
		while (this.pending > 0 && clock.now() < end) await new Promise<void>((resolve) => clock.after(5, resolve));
	}

	/** The system has stopped: what has not been stored is a dead letter. */
	close(): void {
		this.#closed = true;
		this.#looking?.();
		for (const end of this.#listening.splice(0)) end();
		for (const lane of [...this.#lanes]) lane.close();
		this.#replies.close(stopped());
	}

	#incomingOf({ id, policies }: Cell): Incoming | undefined {
		return policies.mailbox.durable && this.#incoming.get(encodeToken(id));
	}

	/** Says that there is something in the mailbox, to whoever has its actor. */
	#tell(key: string, sequence: number): void {
		const here = this.#incoming.get(key);
		if (here) return here.look(sequence);
		const subject = mailOf(this.#parts.system, shardOf(key));
		this.#open?.connection.transport.publish(subject, Buffer.from(`${sequence} ${key}`));
	}

	#told(word: Uint8Array): void {
		const text = Buffer.from(word).toString();
		const space = text.indexOf(' ');
		const sequence = Number(text.slice(0, space));
		if (Number.isSafeInteger(sequence)) this.#incoming.get(text.slice(space + 1))?.look(sequence);
	}

	#listen(key: string, { transport }: Connection): void {
		const shard = shardOf(key);
		const known = this.#shards.get(shard);
		if (known) known.count++;
		else {
			const end = transport.subscribe(mailOf(this.#parts.system, shard), (word) => this.#told(word));
			this.#shards.set(shard, { count: 1, end });
		}
	}

	#unlisten(key: string): void {
		const shard = this.#shards.get(shardOf(key));
		if (!shard || --shard.count > 0) return;
		shard.end();
		this.#shards.delete(shardOf(key));
	}

	#lookLater(): void {
		if (this.#looking || this.#closed || this.#incoming.size === 0) return;
		this.#looking = this.#parts.kernel.clock.after(
			LOOK,
			() => {
				this.#looking = undefined;
				void this.#look().finally(() => this.#lookLater());
			},
			true,
		);
	}

	/** One question, however many mailboxes there are. */
	async #look(): Promise<void> {
		if (!this.#open) return;
		const { mail } = this.#open;
		try {
			const { created } = mail;
			await mail.lookAgain();
			this.#backlog = await mail.backlog();
			for (const [key, incoming] of this.#incoming)
				if (this.#backlog.has(key) || mail.created !== created) incoming.look();
		} catch {
			// The store is away; who needs it finds out.
		}
	}

	#opened(): Promise<Desk> {
		this.#desk ??= this.#openAll();
		return this.#desk;
	}

	async #openAll(): Promise<Desk> {
		const { kernel, system, replicas, connect } = this.#parts;
		try {
			const connection = await connect();
			const [mail, dead, journals] = await Promise.all([
				LastingStream.open(connection.streams, streamOf(system, 'mail'), { replicas }),
				LastingStream.open(connection.streams, streamOf(system, 'dead'), { replicas }),
				LastingBucket.open(connection.store, bucketOf(system, 'mailboxes'), { replicas }),
			]);
			const { code, message } = connection.adviceOnKeeping?.() ?? {};
			if (code && message) kernel.warn(code, message);
			this.#listening.push(
				connection.transport.onState((state) => {
					if (state === 'connected') for (const incoming of this.#incoming.values()) incoming.look();
				}),
			);
			this.#open = {
				connection,
				mail,
				dead: new DeadLetters(kernel, dead, mail, (key, sequence) => this.#tell(key, sequence)),
				journals,
			};
			return this.#open;
		} catch (error) {
			// Another time, perhaps.
			this.#desk = undefined;
			throw error;
		}
	}
}

function stopped(): TroupeError {
	return new TroupeError('ERR_SYSTEM_STOPPED', 'the system has been stopped');
}
