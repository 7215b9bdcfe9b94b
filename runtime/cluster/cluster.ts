/**
 * One node's part in the cluster: connection, membership, registry and links, composed. It is the kernel's directory.
 * An incarnation that the others have evicted is over: its owned actors stop, and the node joins again as a new one.
 */

import { v7 as uuid } from 'uuid';
import { SUCCESSION } from '../core/config.ts';
import { messageOf, TroupeError } from '../core/errors.ts';
import type { NodeInfo } from '../core/node-info.ts';
import type { Cell } from '../kernel/cell.ts';
import { expel, retire } from '../kernel/ending.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Directory, Peer, Place, Route } from '../kernel/route.ts';
import { start } from '../kernel/starting.ts';
import { Links } from '../link/links.ts';
import type { Settings } from '../options.ts';
import { type Connection, connectTo } from './connect.ts';
import { Failover } from './failover.ts';
import { adoptAt, movedFrom } from './host.ts';
import { LastingBucket } from './lasting-bucket.ts';
import { Membership } from './membership.ts';
import { OwnLease } from './own-lease.ts';
import { type Plan, type Recipe, Recipes } from './recipes.ts';
import { type Claim, Registry } from './registry.ts';

/** Records of nodes are collected after this many leases: long after any that was evicted has been noticed. */
const NODE_RECORD_LEASES = 60;
const JOIN_AGAIN = 1_000;
const RELEASE_AGAIN = 500;
/** How long a leaving node waits for its peers to take what it still has for them, in ms. */
const LAST_WORDS = 2_000;

/** What is known of an actor with failover while this node has it. */
interface Protection {
	readonly plan: Plan;
	revision: number;
	/** It has not started yet, or is about to leave: when it ends here, others go on with it. */
	passing: boolean;
}

/** One incarnation of this node. */
interface Stay {
	readonly self: NodeInfo;
	readonly lease: OwnLease;
	readonly membership: Membership;
	readonly registry: Registry;
	readonly links: Links;
	readonly failover: Failover;
	readonly claims: Map<Cell, Claim>;
	readonly protections: Map<Cell, Protection>;
}

/** This node's part in the cluster. */
export class Cluster implements Directory {
	readonly #kernel: Kernel;
	readonly #settings: Settings;
	readonly #connection: Connection;
	readonly #nodes: LastingBucket;
	readonly #actors: LastingBucket;
	readonly #recipes: Recipes;
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
		const { name, replicas } = settings;
		this.#recipes = new Recipes(
			() => LastingBucket.open(connection.store, `troupe_${name}_failover`, { replicas }),
			kernel.codec,
		);
	}

	/** Connects and joins as `self`. */
	static async join(kernel: Kernel, settings: Settings, self: NodeInfo): Promise<Cluster> {
		const { name, lease, replicas } = settings;
		const connection = await connectTo(settings, `troupe ${name} ${self.id}`);
		try {
			const maxAge = lease * NODE_RECORD_LEASES;
			const nodes = await LastingBucket.open(connection.store, `troupe_${name}_nodes`, { replicas, maxAge });
			const actors = await LastingBucket.open(connection.store, `troupe_${name}_actors`, { replicas });
			const cluster = new Cluster(kernel, settings, connection, nodes, actors);
			connection.transport.onProblem((error) => kernel.warn('NATS', error.message, { error }));
			connection.transport.onState((state) => {
				if (state === 'connected') cluster.#stay.links.reconnected();
			});
			await cluster.#begin(self);
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

	/** Claims the cell's ID for it, for failover with a plan; when that fails, the cell is as if it had never been. */
	async claim(cell: Cell, plan?: Plan): Promise<void> {
		try {
			if (plan) await this.#claimWith(cell, plan);
			else this.#grant(cell, this.#stay, await this.#stay.registry.claim(cell.id, cell.kind, this.#stay.self.id));
		} catch (error) {
			this.#kernel.abandon(cell);
			throw error;
		}
	}

	/** The nodes that may have an actor with that plan, in order of preference. */
	candidates(plan: Plan, id: string): readonly NodeInfo[] {
		return this.#stay.failover.candidates(plan, id);
	}

	async whereis(
		id: string,
	): Promise<{ readonly node: string; readonly kind: string; readonly epoch: number } | undefined> {
		const { registry } = this.#stay;
		const record = await registry.find(id);
		if (!record || !(await registry.alive(record.node))) return undefined;
		const { node, kind, epoch } = record;
		return { node, kind, epoch };
	}

	/** The actors of all living nodes. */
	actors(): ReturnType<Registry['all']> {
		return this.#stay.registry.all();
	}

	async locate(id: string): Promise<Place | undefined> {
		const { registry, links, self } = this.#stay;
		const record = await registry.find(id);
		if (!record) return undefined;
		const { node, epoch, failover } = record;
		if (node === self.id) return { epoch, peer: undefined, down: false, failover };
		const alive = await registry.alive(node);
		return { epoch, peer: alive ? links.to(node) : undefined, down: !alive, failover };
	}

	/** The lease of the one that is gone, and the time that others need. */
	get patience(): number {
		return this.#settings.lease + SUCCESSION;
	}

	peer(node: string): Peer | undefined {
		return this.#stay.links.to(node);
	}

	async release(cell: Cell): Promise<void> {
		const { claims, protections } = this.#stay;
		const claim = claims.get(cell);
		const protection = protections.get(cell);
		claims.delete(cell);
		protections.delete(cell);
		if (!claim) return;
		try {
			await this.#giveBack(this.#stay, claim, protection);
		} catch {
			void this.#releaseLater(claim, protection);
		}
	}

	/** Looks for actors whose nodes are gone, which this one may have to go on with. */
	takeOver(): void {
		void this.#stay.failover.look();
	}

	/** Another node gives an actor up. */
	adopt(id: string, from: string): boolean {
		return this.#stay.failover.adopt(id, from);
	}

	/** Actors have left another node: nothing more is sent to them there. */
	async moved(ids: readonly string[], from: string): Promise<void> {
		const { links, membership } = this.#stay;
		const peer = membership.has(from) ? links.to(from) : undefined;
		if (!peer) return;
		for (const id of ids) this.#kernel.knownRoute(id)?.turnBack(peer);
		await new Promise<void>((resolve) => peer.fence(resolve));
	}

	/**
	 * Gives the actors with failover to other nodes, before this one leaves: they finish what they hold, while what is sent
	 * to them waits for their successors.
	 */
	async handOver(): Promise<void> {
		const stay = this.#stay;
		const { clock } = this.#kernel;
		stay.failover.close();
		const cells = [...stay.protections.keys()];
		for (const protection of stay.protections.values()) protection.passing = true;
		if (cells.length === 0 || this.#connection.transport.state !== 'connected') return;
		const leaving = cells.filter((cell) => this.#successors(cell, stay).length > 0);
		const routes = leaving.map((cell) => this.#kernel.vacate(cell));
		const told = this.#tellMoved(leaving.map(({ id }) => id));
		await Promise.all(leaving.map((cell, index) => this.#moveOut(cell, routes[index] as Route, stay)));
		const end = clock.now() + LAST_WORDS;
		let unheard = true;
		void told.then(() => {
			unheard = false;
		});
		while ((unheard || routes.some(({ pending }) => pending > 0)) && clock.now() < end)
			await new Promise<void>((resolve) => clock.after(5, resolve));
	}

	/** Hands over what is still on its way, says goodbye and disconnects. */
	async leave(): Promise<void> {
		this.#left = true;
		const { links, membership, registry, failover } = this.#stay;
		failover.close();
		registry.close();
		await links.settled(LAST_WORDS);
		await membership.leave();
		links.close('system-stopped');
		await this.#connection.transport.flush();
		await this.#connection.close();
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
			prefix: `troupe.${name}`,
			self,
			tell: {
				departed: (node, died) => {
					links.depart(node, died);
					void failover.look();
				},
				evicted: () => void this.#evicted(),
				storeLost: () => void this.#claimAgain(),
			},
		});
		const links: Links = new Links(kernel, transport, {
			subjectOf: (node) => membership.subjectOf(node),
			departed: (node) => membership.departed(node),
			isMember: (node) => membership.has(node),
			heard: (node) => membership.heard(node),
			suspects: (node) => membership.suspects(node),
			stalled: (node) => void membership.doubt(node),
			stranger: (node, frame) => {
				if (membership.curious) membership.alive(node).then((alive) => alive && links.receive(frame), ignore);
			},
			unknown: (node) => {
				membership.alive(node).then((alive) => alive || links.depart(node, true), ignore);
			},
		});
		const registry = new Registry(this.#actors, codec, clock, membership);
		const failover: Failover = new Failover({
			clock,
			recipes: this.#recipes,
			registry,
			self: self.id,
			members: () => [self, ...membership.others()],
			hosting: this.#settings.hosts.length > 0,
			has: (id) => kernel.registered(id) !== undefined,
			revive: (recipe) => this.#revive(recipe),
			failed: ({ id }, error) =>
				kernel.warn(
					'FAILOVER_FAILED',
					`'${id}' could not be spawned again, and will be tried again: ${messageOf(error)}`,
					{
						actor: id,
						error,
					},
				),
		});
		const empty = { claims: new Map(), protections: new Map() };
		this.#stay = { self, lease, membership, registry, links, failover, ...empty };
		try {
			await membership.join();
		} catch (error) {
			failover.close();
			membership.end();
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
		const { links, membership, registry, failover, claims, protections, self } = this.#stay;
		failover.close();
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
		protections.clear();
		links.close('fenced');
		await Promise.all(owned.map((cell) => expel(cell)));
		kernel.ledger.reset(kernel.stats(0).pending);
		const next: NodeInfo = { ...self, id: uuid() };
		kernel.node = next.id;
		while (!this.#left) {
			try {
				await this.#begin(next);
				return this.takeOver();
			} catch {
				await new Promise<void>((resolve) => kernel.clock.after(JOIN_AGAIN, resolve));
			}
		}
	}

	#grant(cell: Cell, stay: Stay, claim: Claim): void {
		if (stay !== this.#stay)
			throw new TroupeError('ERR_EVICTED', `this node was evicted while it claimed '${cell.id}': try again`);
		stay.claims.set(cell, claim);
		cell.tenure = stay.lease;
	}

	/** As the successor of an actor, `over` is the revision of its recipe: if that has changed, somebody was faster. */
	async #claimWith(cell: Cell, plan: Plan, over?: number): Promise<void> {
		const stay = this.#stay;
		this.#recipes.check(cell.id, plan);
		const claim = await stay.registry.claim(cell.id, cell.kind, stay.self.id, true);
		const protection: Protection = { plan, revision: 0, passing: over !== undefined };
		try {
			const revision = await this.#recipes.write(cell.id, plan, stay.self.id, over);
			if (revision === undefined)
				throw new TroupeError('ERR_ID_TAKEN', `'${cell.id}' has been taken over by another node, or has ended`);
			protection.revision = revision;
			this.#grant(cell, stay, claim);
			stay.protections.set(cell, protection);
		} catch (error) {
			// What has a recipe has to be spawned by somebody; what has none has ended.
			if (over !== undefined) protection.passing = await this.#recipes.find(cell.id).then(Boolean, () => true);
			if (stay === this.#stay)
				await this.#giveBack(stay, claim, protection).catch(() => this.#releaseLater(claim, protection));
			throw error;
		}
	}

	/** The ID is free again, or left to whoever goes on with the actor. */
	async #giveBack(stay: Stay, claim: Claim, protection: Protection | undefined): Promise<void> {
		if (protection?.passing) {
			await stay.registry.vacate(claim);
			return;
		}
		if (protection) {
			// Nobody knows whether it was written.
			const { id } = claim;
			const written = protection.revision > 0 ? undefined : await this.#recipes.find(id);
			if (!written) await this.#recipes.remove({ id, revision: protection.revision });
			else if (written.node === stay.self.id) await this.#recipes.remove(written);
		}
		await stay.registry.release(claim);
	}

	/** Goes on with an actor whose node is gone, as a new one. */
	async #revive(recipe: Recipe): Promise<void> {
		const stay = this.#stay;
		const { id, kind, options, revision } = recipe;
		const kernel = this.#kernel;
		const actor = this.#settings.hosts.find((hosted) => hosted.kind === kind);
		if (!actor) throw new TroupeError('ERR_NO_HOST', `this node does not host '${kind}'`);
		const cell = kernel.create(kernel.define(actor), { ...options, id }, undefined, true);
		try {
			await this.#claimWith(cell, recipe, revision);
		} catch (error) {
			kernel.abandon(cell);
			throw error;
		}
		await start(cell);
		const protection = stay.protections.get(cell);
		if (protection && !stay.failover.closed) protection.passing = false;
	}

	async #moveOut(cell: Cell, route: Route, stay: Stay): Promise<void> {
		const kernel = this.#kernel;
		const { id } = cell;
		const successors = this.#successors(cell, stay);
		const patience = Math.min(kernel.stopGrace, this.#settings.lease);
		await retire(cell, patience, (envelope) => kernel.forward(envelope, route));
		for (const { id: node } of successors) {
			// Who does not take it now does when this node has left.
			if (await adoptAt(kernel, node, id).catch(() => false)) return;
		}
	}

	#successors(cell: Cell, { protections, failover, self }: Stay): readonly NodeInfo[] {
		const plan = protections.get(cell)?.plan;
		return plan ? failover.candidates(plan, cell.id).filter(({ id }) => id !== self.id) : [];
	}

	async #tellMoved(ids: readonly string[]): Promise<void> {
		const others = ids.length > 0 ? this.#stay.membership.others() : [];
		await Promise.allSettled(others.map(({ id }) => movedFrom(this.#kernel, id, ids)));
	}

	async #writeAgain(id: string, protection: Protection, stay: Stay): Promise<void> {
		const revision = await this.#recipes.write(id, protection.plan, stay.self.id);
		if (revision !== undefined) protection.revision = revision;
	}

	/** The registry was lost with JetStream's state: what lives here is entered again, unless somebody was faster. */
	async #claimAgain(): Promise<void> {
		const stay = this.#stay;
		await Promise.all(
			[...stay.claims.keys()].map(async (cell) => {
				try {
					const protection = stay.protections.get(cell);
					const claim = await stay.registry.claim(cell.id, cell.kind, stay.self.id, protection !== undefined);
					if (stay.claims.has(cell)) stay.claims.set(cell, claim);
					if (protection) await this.#writeAgain(cell.id, protection, stay);
				} catch (error) {
					this.#kernel.warn('ID_LOST', `'${cell.id}' could not be registered again after the registry was lost`, {
						actor: cell.id,
						error,
					});
					stay.protections.delete(cell);
					if (stay.claims.delete(cell)) void expel(cell);
				}
			}),
		);
	}

	async #releaseLater(claim: Claim, protection?: Protection): Promise<void> {
		const stay = this.#stay;
		while (!this.#left && stay === this.#stay) {
			await new Promise<void>((resolve) => this.#kernel.clock.after(RELEASE_AGAIN, resolve));
			try {
				await this.#giveBack(stay, claim, protection);
				return;
			} catch {
				// Until then the ID is held by a living node without an actor; messages to it come back as "not here".
			}
		}
	}
}

function ignore(): void {}
