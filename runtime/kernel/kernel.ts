/**
 * What every actor of a node shares: the clock, the wheel, the run queue, the books, and the tables of who is here.
 * It knows no transport; the cluster, when there is one, comes in through the {@link Directory} port.
 */

import { BadOption } from '../../supervisor/bad-option.ts';
import type { ChildSpec } from '../../supervisor/child-spec.ts';
import type { Codec, RefPort } from '../codec/codec.ts';
import { checkId } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { TroupeError } from '../core/errors.ts';
import type { ActorEvent, DeadLetterReason, EventStream, Warning } from '../core/events.ts';
import type { AnyRef } from '../core/protocol.ts';
import { Mail } from '../mailbox/mail.ts';
import { Backstage } from './backstage.ts';
import { Cell } from './cell.ts';
import { STARTING, STOPPED } from './cell-state.ts';
import { WATCH } from './control.ts';
import { bury } from './dead-letters.ts';
import { type ActorClass, type Definition, definitionOf } from './definition.ts';
import { Dispatcher } from './dispatcher.ts';
import { rested } from './ending.ts';
import type { Envelope, ReplyTo } from './envelope.ts';
import type { Handler } from './handler.ts';
import { Holders } from './holders.ts';
import { Ledger, type Stats } from './ledger.ts';
import { guarded, type Log } from './log.ts';
import type { Post } from './post.ts';
import { Ref, type Target } from './ref.ts';
import { Roster } from './roster.ts';
import type { Directory, Route } from './route.ts';
import { currentCell } from './running.ts';
import { checkSpawnOptions, policiesOf, type SpawnOptions } from './spawn-options.ts';
import { startChild } from './supervising.ts';
import { Ways } from './ways.ts';
import { TimingWheel } from './wheel.ts';

/** A constant of this module's own: what is imported is read and checked each time. */
const current = currentCell;

/** What a kernel is made of. */
export interface KernelParts {
	readonly node: string;
	/** Names the cluster: an ID means the same actor on all its nodes, and another one elsewhere. */
	readonly realm: string;
	readonly clock: Clock;
	readonly events: EventStream;
	readonly codec: Codec;
	readonly refPort: RefPort;
	readonly log: Log;
	readonly strict: boolean;
	readonly askTimeout: number;
	readonly stopGrace: number;
	/** What actors see as `this.system`. */
	readonly host: object;
	/** Starts a supervisor's child: under its ID, cluster-wide, when the spec has one. */
	readonly startIn: (parent: Cell, spec: ChildSpec) => Promise<void>;
}

/** Who holds messages that stand in the books. */
export interface Keeper {
	readonly pending: number;
	/** The system has stopped: what is held is a dead letter. */
	close(): void;
}

/** The engine of one node. */
export class Kernel {
	/** This node's incarnation. It changes when the node has to join again. */
	node: string;
	readonly realm: string;
	readonly clock: Clock;
	readonly events: EventStream;
	readonly codec: Codec;
	readonly refPort: RefPort;
	readonly log: Log;
	readonly strict: boolean;
	readonly askTimeout: number;
	readonly stopGrace: number;
	readonly host: object;
	readonly startIn: (parent: Cell, spec: ChildSpec) => Promise<void>;
	readonly dispatcher: Dispatcher;
	readonly wheel: TimingWheel;
	readonly ledger = new Ledger();
	/** Who has messages that are in no mailbox and on no way yet: what waits for a member of a group. */
	readonly keepers = new Set<Keeper>();
	/** The cluster; a local system has none. */
	directory: Directory | undefined;
	/** Who keeps durable mailboxes. */
	post: Post | undefined;
	#stopped = false;
	/** Whether messages take the long way out: the system has stopped, or copies what it delivers. */
	#careful: boolean;
	readonly #cells = new Roster();
	readonly #holders = new Holders();
	readonly #ways = new Ways(this, this.#holders);
	readonly #definitions = new Map<string, Definition>();
	#uid = 0;

	constructor(parts: KernelParts) {
		this.node = parts.node;
		this.realm = parts.realm;
		this.clock = parts.clock;
		this.events = parts.events;
		this.codec = parts.codec;
		this.refPort = parts.refPort;
		this.log = guarded(parts.log);
		this.strict = parts.strict;
		this.#careful = parts.strict;
		this.askTimeout = parts.askTimeout;
		this.stopGrace = parts.stopGrace;
		this.host = parts.host;
		this.startIn = parts.startIn;
		this.dispatcher = new Dispatcher(parts.clock, (error) => this.log.error('TURN_FAILED', { error }));
		this.wheel = new TimingWheel(parts.clock);
	}

	// ------------------------------------------------------------------------------------------------------- messages

	/** Sends a message and enters it in the books. Only what is the sender's own fault is thrown, or fails the call. */
	send(target: Target, handler: Handler, payload: unknown, replyTo: ReplyTo | undefined): void {
		this.ledger.sent++;
		try {
			const cell = current();
			const sender = cell === undefined ? undefined : this.#sender(cell);
			if (this.#careful) this.#sendWithCare(target, handler, payload, sender, replyTo);
			else target.deliver(handler, payload, sender, replyTo);
		} catch (error) {
			this.#unsent(error, replyTo);
		}
	}

	#unsent(error: unknown, replyTo: ReplyTo | undefined): void {
		this.ledger.sent--;
		if (!replyTo) throw error;
		replyTo.failed(error);
	}

	#sender(cell: Cell): Ref | undefined {
		return cell.kernel === this ? cell.self : this.#visitor(cell);
	}

	#sendWithCare(
		target: Target,
		handler: Handler,
		payload: unknown,
		sender: Ref | undefined,
		replyTo: ReplyTo | undefined,
	): void {
		const { listed } = handler;
		const args = handler.argumentsIn(payload);
		const copy = this.strict ? this.codec.copy(args) : args;
		if (this.#stopped) this.refuse(new Mail(listed, copy, sender, replyTo), target, 'system-stopped');
		else target.deliver(listed, copy, sender, replyTo);
	}

	/** From now on, what is sent is a dead letter, and so is what still waits for an ID to be found. */
	stop(): void {
		this.#stopped = true;
		this.#careful = true;
		for (const route of this.#ways) route.close();
		for (const keeper of [...this.keepers]) keeper.close();
	}

	get stopped(): boolean {
		return this.#stopped;
	}

	/** Closes the books on a message that nobody will handle. */
	refuse(envelope: Envelope, target: Target, reason: DeadLetterReason, error?: unknown): void {
		if (envelope.replyTo?.returned) envelope.replyTo.returned(reason, error);
		else bury(this, envelope, target, reason, error);
	}

	/** Counts messages that are lost and cannot be shown. */
	lose(reason: DeadLetterReason, count: number, error?: unknown): void {
		this.ledger.bury(reason, count);
		const letter = { reason, target: undefined, message: undefined, sender: undefined, node: this.node, count };
		this.events.emit('deadLetter', error === undefined ? letter : { ...letter, error });
	}

	stats(pendingElsewhere: number): Stats {
		let pending = pendingElsewhere;
		for (const cell of this.#cells) pending += cell.pending;
		for (const route of this.#ways) pending += route.pending;
		for (const keeper of this.keepers) pending += keeper.pending;
		return this.ledger.stats(pending);
	}

	// --------------------------------------------------------------------------------------------------------- actors

	/** The definition of a class, which refs that arrive from elsewhere find by its kind from now on. */
	define(actor: ActorClass): Definition {
		const definition = definitionOf(actor);
		const known = this.#definitions.get(definition.kind);
		if (known === definition) return definition;
		if (known && known.actor.name !== actor.name)
			throw new TroupeError(
				'ERR_BAD_ACTOR',
				`kind '${definition.kind}' is both ${known.actor.name} and ${actor.name}: give each class a kind of its own`,
			);
		this.#definitions.set(definition.kind, definition);
		return definition;
	}

	definitionOfKind(kind: string): Definition | undefined {
		return this.#definitions.get(kind);
	}

	/** A cell that has not started. One with a registered ID is found under it from now on. */
	create(definition: Definition, options: SpawnOptions, parent: Cell | undefined, registered: boolean): Cell {
		checkSpawnOptions(options);
		const id = this.#idFor(definition, options, parent, registered);
		if (definition.policies.mailbox.durable && !registered)
			throw new BadOption(
				'id',
				id,
				`an ID of its own in the cluster: a durable mailbox, as ${definition.kind} has it, is kept under it`,
			);
		const taken =
			id === undefined ? undefined : registered ? this.#holders.get(id) : parent?.backstage?.children?.get(id);
		if (taken)
			throw new TroupeError(
				'ERR_ID_TAKEN',
				`'${id}' is taken by ${taken.path} (${taken.kind}) on this node, ${this.node}: stop it or choose another`,
				{
					actor: taken.id,
					node: this.node,
				},
			);
		const birth = { id, args: options.args, policies: policiesOf(definition, options), parent, registered };
		const cell = new Cell(this, definition, birth, ++this.#uid);
		// Who acts for an owner acts under its right.
		cell.tenure = parent?.tenure;
		this.#cells.add(cell);
		if (registered) this.#holders.add(cell);
		if (parent) this.#adopt(parent, cell);
		cell.self = new Ref(this.targetOf(cell), definition.faces);
		return cell;
	}

	#adopt(parent: Cell, cell: Cell): void {
		const backstage = this.backstageOf(parent);
		backstage.children ??= new Map();
		backstage.children.set(cell.id, cell);
	}

	/** Starts a child, here and now. */
	child(parent: Cell, actor: ActorClass, options: SpawnOptions): Ref {
		// Its children have been stopped by the time of its onStop: another would be left behind.
		if (parent.instance === undefined && parent.state !== STARTING)
			throw new TroupeError('ERR_STOPPED', `${parent.id} is stopping or restarting: it takes no more children`, {
				actor: parent.id,
			});
		const cell = this.create(this.define(actor), options, parent, false);
		startChild(cell);
		return cell.self;
	}

	/** Takes back a cell that was created and whose ID is somebody else's; what was sent to it meanwhile goes there. */
	abandon(cell: Cell): void {
		const route = this.route(cell.id, cell.kind);
		this.#cells.remove(cell);
		this.#holders.remove(cell);
		this.#ways.release(cell);
		cell.parent?.backstage?.children?.delete(cell.id);
		// Whoever wanted it to stop has waited for its start.
		rested(cell);
		cell.state = STOPPED;
		cell.bury();
		for (const watcher of cell.backstage?.watchers ?? []) route.deliver(WATCH, [], undefined, watcher);
		route.settled();
	}

	/**
	 * Hands on a message that was here already. Its sender was told that it had arrived: what cannot travel after all is a
	 * dead letter, and no error of ours.
	 */
	forward(envelope: Envelope, route: Route): void {
		const { handler, payload, sender, replyTo } = envelope;
		try {
			route.deliver(handler, payload, sender, replyTo);
		} catch (error) {
			this.refuse(envelope, route, 'no-such-actor', error);
		}
	}

	/** From now on its ID is looked for elsewhere. The cell itself goes on with what it holds. */
	vacate(cell: Cell): Route {
		const route = this.route(cell.id, cell.kind);
		this.#holders.retire(cell);
		this.#ways.release(cell);
		route.leave();
		return route;
	}

	/** Takes a stopped cell out of the tables; the promise, when there is one, is that others may claim its ID. */
	forget(cell: Cell): Promise<void> | undefined {
		this.#cells.remove(cell);
		if (!cell.registered) return undefined;
		this.#holders.remove(cell);
		this.#ways.release(cell);
		const left = cell.policies.mailbox.durable && this.post?.leave(cell);
		return left ? left.then(() => this.directory?.release(cell)) : this.directory?.release(cell);
	}

	/** The cell that holds an ID on this node. */
	registered(id: string): Cell | undefined {
		return this.#holders.get(id);
	}

	/** The cell that speaks for an ID on this node: its holder, or one that is about to leave it. */
	speaker(id: string): Cell | undefined {
		return this.#holders.speaker(id);
	}

	/** The cells that hold an ID on this node. */
	registeredCells(): Cell[] {
		return [...this.#holders];
	}

	/** The cell of a number that other nodes know. */
	cellOf(uid: number): Cell | undefined {
		return this.#cells.known(uid);
	}

	/** All live cells, parents before their children. */
	cells(): Cell[] {
		return [...this.#cells];
	}

	/** Other nodes are about to learn the cell's number, and may use it. */
	introduce(cell: Cell): void {
		this.#cells.introduce(cell);
	}

	backstageOf(cell: Cell): Backstage {
		cell.backstage ??= new Backstage();
		return cell.backstage;
	}

	// ----------------------------------------------------------------------------------------------------------- refs

	/** What refs to a cell point at: the ID where there is one to be found, otherwise the cell itself. */
	targetOf(cell: Cell): Target {
		return cell.registered ? this.route(cell.id, cell.kind) : cell;
	}

	/** The route to an ID, if anybody has a ref to it. */
	knownRoute(id: string): Route | undefined {
		return this.#ways.known(id);
	}

	/** The one route to an ID, shared by all its refs, so that order does not depend on which of them is used. */
	route(id: string, kind: string): Route {
		const route = this.#ways.to(id, kind);
		if (this.#definitions.get(kind)?.policies.mailbox.durable) route.lane ??= this.post?.lane(route);
		return route;
	}

	/** A ref with the faces of its kind, where that is known; the route's kind is what the first ref to the ID believed. */
	refTo(target: Target): Ref {
		return new Ref(target instanceof Cell ? this.targetOf(target) : target, this.#definitions.get(target.kind)?.faces);
	}

	/** A ref by ID with the faces of a class, or, without one, faces that take any message. */
	refById(id: string, definition?: Definition): Ref {
		return new Ref(this.route(checkId(id), definition?.kind ?? ''), definition?.faces);
	}

	// ------------------------------------------------------------------------------------------------------ reporting

	about(cell: Cell): ActorEvent {
		return { ref: cell.self as unknown as AnyRef, id: cell.id, path: cell.path, kind: cell.kind, node: this.node };
	}

	warn(code: string, message: string, detail: Omit<Warning, 'code' | 'message'> = {}): void {
		this.log.warn(code, { message, ...detail });
		this.events.emit('warning', { code, message, ...detail });
	}

	/** An actor of another system of this process uses a ref of ours: to us, it is an actor of another node. */
	#visitor({ kernel, self }: Cell): Ref | undefined {
		return this.directory && kernel.directory ? (this.refPort.fromWire(self.target.wire()) as Ref) : undefined;
	}

	/** `undefined` when nobody has named it: then it names itself, if anybody wants to know. */
	#idFor(
		{ kind }: Definition,
		{ id }: SpawnOptions,
		parent: Cell | undefined,
		registered: boolean,
	): string | undefined {
		if (id !== undefined) checkId(id);
		if (!parent || (registered && id !== undefined)) return id;
		return `${parent.id}/${id ?? `${kind}-${++this.backstageOf(parent).childNumber}`}`;
	}
}
