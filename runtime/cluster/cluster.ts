/**
 * One node's part in the cluster: connection, membership, registry and links, composed. It is the kernel's directory.
 * An incarnation that the others have evicted is over: its owned actors stop, and the node joins again as a new one.
 */

import { v7 as uuid } from 'uuid';
import { TroupeError } from '../core/errors.ts';
import type { NodeInfo } from '../core/node-info.ts';
import { bucketOf, prefixOf } from '../core/subjects.ts';
import type { Cell } from '../kernel/cell.ts';
import { expel } from '../kernel/ending.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Directory, Peer, Place } from '../kernel/route.ts';
import { Links } from '../link/links.ts';
import type { Settings } from '../options.ts';
import { complaints } from './complaints.ts';
import { type Connection, connectTo } from './connect.ts';
import { LastingBucket } from './lasting-bucket.ts';
import { Membership } from './membership.ts';
import { OwnLease } from './own-lease.ts';
import { type Claim, Registry } from './registry.ts';

/** Records of nodes are collected after this many leases: long after any that was evicted has been noticed. */
const NODE_RECORD_LEASES = 60;
const JOIN_AGAIN = 1_000;
const RELEASE_AGAIN = 500;
/** How long a leaving node waits for its peers to take what it still has for them, in ms. */
const LAST_WORDS = 2_000;

/** One incarnation of this node. */
interface Stay {
	readonly self: NodeInfo;
	readonly lease: OwnLease;
	readonly membership: Membership;
	readonly registry: Registry;
	readonly links: Links;
	readonly claims: Map<Cell, Claim>;
}

/** This node's part in the cluster. */
export class Cluster implements Directory {
	readonly #kernel: Kernel;
	readonly #settings: Settings;
	readonly #connection: Connection;
	readonly #nodes: LastingBucket;
	readonly #actors: LastingBucket;
	#stay!: Stay;
	#left = false;

	private constructor(
		kernel: Kernel,
		settings: Settings,
		connection: Connection,
		nodes: LastingBucket,
		actors: LastingBucket,
	) {
		this.#kernel = kernel;
		this.#settings = settings;
		this.#connection = connection;
		this.#nodes = nodes;
		this.#actors = actors;
	}

	/** Connects and joins as `self`. */
	static async join(kernel: Kernel, settings: Settings, self: NodeInfo): Promise<Cluster> {
		const { name, lease, replicas } = settings;
		const connection = await connectTo(settings, `troupe ${name} ${self.id}`);
		try {
			const maxAge = lease * NODE_RECORD_LEASES;
			const nodes = await LastingBucket.open(connection.store, bucketOf(name, 'nodes'), { replicas, maxAge });
			const actors = await LastingBucket.open(connection.store, bucketOf(name, 'actors'), { replicas });
			const cluster = new Cluster(kernel, settings, connection, nodes, actors);
			connection.transport.onProblem(complaints(kernel, connection.transport));
			connection.transport.onState((state) => {
				if (state === 'connected') cluster.#stay.links.reconnected();
			});
			await cluster.#begin(self);
			void cluster.#advise();
			return cluster;
		} catch (error) {
			await connection.close();
			throw error;
		}
	}

	get self(): NodeInfo {
		return this.#stay.self;
	}

	/** Messages that wait to reach other nodes. */
	get pending(): number {
		return this.#stay.links.pending;
	}

	members(): readonly NodeInfo[] {
		return [this.#stay.self, ...this.#stay.membership.others()];
	}

	/** Claims the cell's ID for it; when that fails, the cell is as if it had never been. */
	async claim(cell: Cell): Promise<void> {
		const stay = this.#stay;
		cell.claiming = true;
		try {
			const claim = await stay.registry.claim(cell.id, cell.kind, stay.self.id);
			if (stay.links.closed)
				throw new TroupeError('ERR_EVICTED', `this node was evicted while it claimed '${cell.id}': try again`);
			stay.claims.set(cell, claim);
			cell.tenure = stay.lease;
			cell.claiming = false;
			cell.route?.settled();
		} catch (error) {
			this.#kernel.abandon(cell);
			throw error;
		}
	}

	async whereis(
		id: string,
	): Promise<{ readonly node: string; readonly kind: string; readonly epoch: number } | undefined> {
		const { registry, membership } = this.#stay;
		const record = await registry.find(id);
		return record && (await membership.alive(record.node)) ? record : undefined;
	}

	/** The actors of all living nodes. */
	actors(): ReturnType<Registry['all']> {
		return this.#stay.registry.all();
	}

	async locate(id: string): Promise<Place | undefined> {
		const { registry, membership, links, self } = this.#stay;
		const record = await registry.find(id);
		if (!record) return undefined;
		if (record.node === self.id) return { epoch: record.epoch, peer: undefined, down: false };
		const alive = await membership.alive(record.node);
		if (links.closed)
			throw new TroupeError('ERR_CLAIM_UNAVAILABLE', `this node was evicted while it looked for '${id}': try again`);
		return { epoch: record.epoch, peer: alive ? links.to(record.node) : undefined, down: !alive };
	}

	peer(node: string): Peer | undefined {
		return this.#stay.links.to(node);
	}

	async release(cell: Cell): Promise<void> {
		const { claims, registry } = this.#stay;
		const claim = claims.get(cell);
		claims.delete(cell);
		if (!claim) return;
		try {
			await registry.release(claim);
		} catch {
			void this.#releaseLater(claim);
		}
	}

	/** Hands over what is still on its way, says goodbye and disconnects. */
	async leave(): Promise<void> {
		this.#left = true;
		const { links, membership, registry } = this.#stay;
		registry.close();
		await links.settled(LAST_WORDS);
		await membership.leave();
		links.close('system-stopped');
		await this.#connection.transport.flush();
		await this.#connection.close();
	}

	/** In the background: what is to be said about the servers is no reason to wait for it. */
	async #advise(): Promise<void> {
		const advice = (await this.#connection.advice?.()) ?? [];
		if (!this.#left) for (const { code, message } of advice) this.#kernel.warn(code, message);
	}

	async #begin(self: NodeInfo): Promise<void> {
		const kernel = this.#kernel;
		const { clock, codec, events } = kernel;
		const { transport } = this.#connection;
		const { heartbeat, lease: length, name } = this.#settings;
		const lease: OwnLease = new OwnLease(clock, length, () => void membership.renew());
		const membership: Membership = new Membership({
			clock,
			codec,
			transport,
			bucket: this.#nodes,
			events,
			lease,
			periods: { heartbeat, lease: length },
			prefix: prefixOf(name),
			self,
			tell: {
				departed: (node) => links.depart(node),
				evicted: () => void this.#evicted(),
				storeLost: () => void this.#claimAgain(),
			},
		});
		const links: Links = new Links(kernel, transport, {
			subjectOf: (node) => membership.subjectOf(node),
			departed: (node) => membership.departed(node),
			isMember: (node) => membership.has(node),
			heard: (node) => membership.heard(node),
			stalled: (node) => void membership.doubt(node),
			stranger: (node, frame) => {
				if (membership.curious) membership.alive(node).then((alive) => alive && links.receive(frame), ignore);
			},
			unknown: (node) => {
				membership.alive(node).then((alive) => alive || links.depart(node), ignore);
			},
		});
		const registry = new Registry(this.#actors, codec, clock, membership);
		this.#stay = { self, lease, membership, registry, links, claims: new Map() };
		try {
			await membership.join();
		} catch (error) {
			void membership.leave();
			// Whoever was quick enough to claim an ID meanwhile has it no more.
			const { claims } = this.#stay;
			for (const cell of claims.keys()) void expel(cell);
			claims.clear();
			links.close('system-stopped');
			throw error;
		}
		kernel.directory = this;
	}

	/**
	 * The others have given this incarnation up and its IDs may have new owners, so nothing of it may act any more. Its
	 * side of all books was taken over by the others; new ones begin.
	 */
	async #evicted(): Promise<void> {
		const kernel = this.#kernel;
		const { links, membership, registry, claims, self } = this.#stay;
		registry.close();
		membership.end();
		kernel.warn(
			'EVICTED',
			`node ${self.id} was declared dead by the others while it was away; it joins again as a new one`,
			{
				node: self.id,
			},
		);
		const owned = [...claims.keys()];
		claims.clear();
		links.close('fenced');
		await Promise.all(owned.map((cell) => expel(cell)));
		kernel.ledger.reset(kernel.stats(0).pending);
		while (!this.#left) {
			// Another each time: what a failed attempt has left in the store is not its own any more.
			const next: NodeInfo = { ...self, id: uuid() };
			kernel.node = next.id;
			try {
				return await this.#begin(next);
			} catch {
				await new Promise<void>((resolve) => kernel.clock.after(JOIN_AGAIN, resolve));
			}
		}
	}

	/** The registry was lost with JetStream's state: what lives here is entered again, unless somebody was faster. */
	async #claimAgain(): Promise<void> {
		const stay = this.#stay;
		// Who owns nothing writes nothing, and would read in what is lost for ever.
		await this.#actors.lookAgain();
		await Promise.all(
			[...stay.claims.keys()].map(async (cell) => {
				try {
					const claim = await stay.registry.claim(cell.id, cell.kind, stay.self.id);
					if (stay.claims.has(cell)) stay.claims.set(cell, claim);
				} catch (error) {
					this.#kernel.warn('ID_LOST', `'${cell.id}' could not be registered again after the registry was lost`, {
						actor: cell.id,
						error,
					});
					if (stay.claims.delete(cell)) void expel(cell);
				}
			}),
		);
	}

	async #releaseLater(claim: Claim): Promise<void> {
		const stay = this.#stay;
		while (!this.#left && stay === this.#stay) {
			await new Promise<void>((resolve) => this.#kernel.clock.after(RELEASE_AGAIN, resolve));
			try {
				await stay.registry.release(claim);
				return;
			} catch {
				// Until then the ID is held by a living node without an actor; messages to it come back as "not here".
			}
		}
	}
}

function ignore(): void {}
