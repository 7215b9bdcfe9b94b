/** A simulated cluster: nodes on a memory bus in virtual time, each with a clock of its own, and what may befall them. */

// A node loads it when it starts. That takes real time, for which nodes in virtual time do not wait.
import '../../runtime/cluster/kv-memory.ts';
import { type ActorRef, ActorSystem, isTroupeError } from '../../index.ts';
import { VirtualClock } from '../../runtime/core/clock.ts';
import { LEASE } from '../../runtime/core/config.ts';
import { type Ailment, type MemoryBus, memoryBus, STORE } from '../../runtime/transport/memory.ts';
import { CAPACITY, DEEDS, Holder, type Place, places, Teller, WAYS } from './cast.ts';
import type { Chance } from './chance.ts';
import type { History } from './history.ts';

/** Milliseconds that pass for all nodes before the simulation looks at them again. */
export const STEP = 50;

/** The IDs that nodes race for. */
export const IDS = ['ada', 'bob', 'cyd'] as const;

/** Midnight, 1 January 2026 UTC. */
const EPOCH = Date.UTC(2026, 0, 1);

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** A process of the cluster, from its start to its end. What begins in its place has another name. */
export interface Member {
	readonly name: string;
	readonly clock: VirtualClock;
	system: ActorSystem | undefined;
	/** The name of its connection, which stays the same when it has to join again. */
	client: string;
	teller: ActorRef<Teller> | undefined;
	/** `paused`: its time stands still. `leaving`: it takes leave, and `left`: it has. `gone`: it was killed, or never started. */
	state: 'starting' | 'up' | 'paused' | 'leaving' | 'left' | 'gone';
	/** Milliseconds that it has been paused. */
	slept: number;
}

let worlds = 0;

/** The cluster. */
export class World {
	/** Milliseconds since the beginning. */
	time = 0;
	readonly history: History;
	readonly bus: MemoryBus;
	/** The clock of the broker and its store. */
	readonly server = new VirtualClock({ wall: EPOCH });
	readonly #name = `simulation-${++worlds}`;
	readonly #chance: Chance;
	readonly #members: Member[] = [];
	#names = 0;
	/** When the store was lost. */
	#wiped = Number.NEGATIVE_INFINITY;
	readonly #plans: { readonly at: number; readonly run: () => void }[] = [];

	constructor(chance: Chance, history: History) {
		this.#chance = chance;
		this.history = history;
		this.bus = memoryBus(this.#name);
		this.bus.clock = this.server;
	}

	/** Those that are there, or will be. */
	get members(): readonly Member[] {
		return this.#members.filter(({ state }) => state === 'starting' || state === 'up' || state === 'paused');
	}

	/** Those whose books count: nobody has taken them over. */
	get bookkeepers(): readonly Member[] {
		return this.#members.filter(({ state }) => state !== 'gone');
	}

	/** Those that work. */
	get up(): readonly Member[] {
		return this.#members.filter(({ state }) => state === 'up');
	}

	/** Whether something is planned that has not happened yet. */
	get planned(): boolean {
		return this.#plans.length > 0;
	}

	/** Calls `run` when so much time has passed. */
	later(milliseconds: number, run: () => void): void {
		this.#plans.push({ at: this.time + milliseconds, run });
	}

	/** Starts another node. */
	begin(): void {
		const clock = new VirtualClock({ wall: EPOCH + this.time, seed: this.#chance.below(2 ** 31) });
		const member: Member = {
			name: `n${++this.#names}`,
			clock,
			system: undefined,
			client: '',
			teller: undefined,
			state: 'starting',
			slept: 0,
		};
		this.#members.push(member);
		this.history.note(`${member.name} starts`);
		this.#start(member).then(
			() => this.history.note(`${member.name} is up`),
			(error) => {
				this.history.note(`${member.name} does not start: ${error.code}`);
				this.#allowed(error, member.name, 'start');
				member.state = 'gone';
				this.later(1_000, () => this.begin());
			},
		);
	}

	/** As `kill -9`: it does nothing any more, and says nothing. Another begins in its place. */
	kill(member: Member): void {
		this.history.note(`${member.name} is killed`);
		member.state = 'gone';
		this.history.forget(member.name);
		this.bus.client(member.client)?.disconnect();
		this.later(this.#chance.between(500, 5_000), () => this.begin());
	}

	/** The store loses all that it held, and then the broker is down for so long. */
	wipe(down: number): void {
		// A node that takes leave and may not act hands on what it holds when its grace is over, and not in order.
		if (this.#members.some(({ state }) => state === 'leaving')) return;
		this.#wiped = this.time;
		this.history.storeLost();
		this.bus.wipe();
		if (down === 0) return;
		this.history.note(`the broker is down for ${down} ms`);
		this.bus.stop();
		this.later(down, () => {
			this.history.note('the broker is back');
			this.bus.start();
		});
	}

	/** It takes leave. Another begins in its place. */
	dismiss(member: Member): void {
		if (this.time < this.#wiped + LEASE * 2) return;
		this.history.note(`${member.name} is told to leave`);
		member.state = 'leaving';
		(member.system as ActorSystem).stop().then(
			() => {
				this.history.note(`${member.name} has left`);
				member.state = 'left';
				this.history.forget(member.name);
			},
			(error) => this.history.fail(`${member.name} could not leave: ${error}`),
		);
		this.later(this.#chance.between(500, 5_000), () => this.begin());
	}

	/** As SIGSTOP, and SIGCONT some time later: what was due meanwhile is late. */
	pause(member: Member, milliseconds: number): void {
		this.history.note(`${member.name} is paused for ${milliseconds} ms`);
		member.state = 'paused';
		member.slept = 0;
		this.later(milliseconds, () => {
			if (member.state !== 'paused') return;
			this.history.note(`${member.name} goes on`);
			member.clock.jump(member.slept);
			this.history.woke(member.name, member.clock.now());
			member.state = 'up';
		});
	}

	/** Its connection goes, and comes back some time later. */
	blink(member: Member, milliseconds: number): void {
		this.history.note(`${member.name} is disconnected for ${milliseconds} ms`);
		const client = this.bus.client(member.client);
		client?.disconnect();
		this.#laterTo(member, milliseconds, () => client?.reconnect());
	}

	/**
	 * Half of its connection goes, and it takes itself for connected. Some time later that is over, or it notices, and
	 * connects again.
	 */
	ail(member: Member, ailment: Ailment, milliseconds: number, away: number | undefined): void {
		this.history.note(`the connection of ${member.name} is ${ailment} for ${milliseconds} ms`);
		const client = this.bus.client(member.client);
		client?.ail(ailment);
		if (away === undefined) this.later(milliseconds, () => client?.ail());
		else this.#laterTo(member, milliseconds, () => this.blink(member, away));
	}

	/** Something that a process notices: one that is paused then does so when it goes on. */
	#laterTo(member: Member, milliseconds: number, run: () => void): void {
		this.later(milliseconds, () => {
			if (member.state === 'paused') this.#laterTo(member, STEP, run);
			else if (member.state !== 'gone') run();
		});
	}

	/** Nothing passes between these and the others, nor, with `store`, between these and the store. */
	cut(members: readonly Member[], store: boolean): void {
		const side = members.map(({ client }) => client);
		const other = this.#members.map(({ client }) => client).filter((client) => !side.includes(client));
		this.history.note(`${members.map(({ name }) => name)} cut off from ${store ? 'all and the store' : 'all others'}`);
		this.bus.partition(side, store ? [...other, STORE] : other);
	}

	/** A node's wall clock is set. */
	skew(member: Member, milliseconds: number): void {
		this.history.note(`the wall clock of ${member.name} is set by ${milliseconds} ms`);
		member.clock.skew(milliseconds);
	}

	/** Somebody wants an ID. */
	claim(member: Member, id: string): void {
		const { system, name } = member;
		if (!system) return;
		const before = this.history.epochOf(id);
		const own = async (): Promise<void> => {
			const ref = await system.spawn(Holder, { id, ...this.#whereabouts() });
			const where = await system.whereis(ref.id).catch(() => undefined);
			if (where?.node === system.node.id) this.history.claimed(id, name, where.epoch, before);
		};
		own().catch((error) => this.#allowed(error, name, `claim of ${id}`));
	}

	/** Here, or wherever the cluster likes; and with a successor, or without. */
	#whereabouts(): { readonly on?: `role:${string}`; readonly failover?: boolean } {
		return {
			...(this.#chance.happens(0.3) ? { on: this.#chance.one(['role:odd', 'role:even'] as const) } : {}),
			...(this.#chance.happens(0.5) ? { failover: true } : {}),
		};
	}

	/** An actor of the node says something to an ID. */
	say({ teller }: Member): void {
		teller?.tell.say(this.#chance.one(WAYS), this.#chance.one(DEEDS), this.#chance.one(IDS));
	}

	observe({ teller }: Member): void {
		teller?.tell.observe(this.#chance.one(IDS));
	}

	/** Somebody stops the actor with an ID. */
	stop({ system, name, clock }: Member, id: string): void {
		if (!system) return;
		this.history.note(`${name} stops ${id}`);
		// Twice the grace, by default.
		const waiting = { node: name, what: `stop of ${id}`, due: clock.now() + 21_000 };
		this.history.follow(waiting, system.ref(Holder, id).stop());
	}

	/** Lets a step pass, and looks whether all is as it must be. */
	async step(): Promise<void> {
		this.time += STEP;
		await this.server.advance(STEP);
		for (const member of this.#members) {
			if (member.state === 'paused') member.slept += STEP;
			else if (member.state !== 'gone' && member.state !== 'left') await member.clock.advance(STEP);
		}
		for (const plan of this.#plans.filter(({ at }) => at <= this.time)) {
			this.#plans.splice(this.#plans.indexOf(plan), 1);
			plan.run();
		}
		for (const { name, clock } of this.up) this.history.overdue(name, clock.now());
		this.#look();
	}

	/** Lets time pass until `done`, and says how much it was; `undefined` when `patience` was not enough. */
	async until(patience: number, done: () => boolean): Promise<number | undefined> {
		const begun = this.time;
		while (!done()) {
			if (this.time - begun > patience || this.history.broken) return undefined;
			await this.step();
		}
		return this.time - begun;
	}

	/** Waits for `work` while time passes. */
	async during<T>(work: Promise<T>): Promise<T> {
		let done = false;
		const finished = (): void => {
			done = true;
		};
		work.then(finished, finished);
		while (!done && !this.history.broken) await this.step();
		return done ? work : new Promise(() => {});
	}

	/** Nobody is told anything: the processes end with the simulation. */
	async close(): Promise<void> {
		for (const member of this.#members) {
			member.state = 'gone';
			places.delete(`${this.#name} ${member.name}`);
		}
		await this.bus.close();
	}

	async #start(member: Member): Promise<void> {
		const { name, clock } = member;
		const servers = `memory://${this.#name}`;
		places.set(`${this.#name} ${name}`, this.#place(member));
		const roles = [Number(name.slice(1)) % 2 === 0 ? 'even' : 'odd'];
		const options = { name: this.#name, servers, node: name, roles, hosts: [Holder], clock, log: QUIET };
		const system = await ActorSystem.start(options);
		member.system = system;
		member.client = `troupe ${system.name} ${system.node.id}`;
		system.events.on('warning', ({ code, actor = '' }) => this.history.note(`${name} warns: ${code} ${actor}`));
		system.events.on('actorStopped', ({ id, kind, reason }) => {
			if (kind === Holder.kind) this.history.note(`${name} ends ${id}: ${reason}`);
		});
		member.teller = await system.spawn(Teller, { args: this.#place(member) });
		if (member.state === 'starting') member.state = 'up';
	}

	#place({ name, clock }: Member): Place {
		return { history: this.history, node: name, clock };
	}

	/** What is bounded stays bounded. */
	#look(): void {
		for (const { name, system } of this.up) {
			for (const { id, kind, pending } of system?.mailboxes() ?? []) {
				// One is in hand, and sends wait for room.
				const most = CAPACITY + 1 + this.history.sends(id);
				if (kind === Holder.kind && pending > most) this.history.fail(`${id} holds ${pending} messages on ${name}`);
			}
		}
	}

	/** Whether something may fail like that: with a code, which says that it was tried in vain. */
	#allowed(error: unknown, name: string, what: string): void {
		const code = isTroupeError(error) ? error.code : String(error);
		this.history.note(`${name}: ${what} failed with ${code}`);
		if (!isTroupeError(error)) this.history.fail(`${what} on ${name} failed without a code: ${error}`);
	}
}
