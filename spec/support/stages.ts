/**
 * The three stages of the behavioural spec: one node; two nodes on the memory bus; two OS processes on a real NATS. A
 * test is written once, against a {@link Stage}: the caller is `near`, the actors are spawned `far`, and what may
 * differ is time. After each test what it spawned is stopped and the books of both sides must balance.
 */

import type { ActorInstance, ActorRef, ArgsOf } from '../../index.ts';
import {
	type ActorClass,
	type ActorSystem,
	oneForOne,
	type PlacedSpawnOptions,
	type SpawnArguments,
	type Stats,
	type Strategy,
	type SupervisorRef,
	type TreeSpec,
} from '../../index.ts';
import { STORE } from '../../runtime/transport/memory.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { memoryBus, VirtualClock } from '../../testkit.ts';
import { type Outcome, Prompter, Stagehand, type TreeData } from './cast/crew.ts';
import { FarChild } from './far-child.ts';
import { bringCrew, type Note, type SideOptions, startSide } from './far-side.ts';
import { startServer } from './nats.ts';
import type { Stage, StageOptions } from './stage.ts';

/** Declares the tests that `define` makes, once for each stage. */
export function onEveryStage(
	title: string,
	...rest: [StageOptions, (stage: Stage) => void] | [(stage: Stage) => void]
): void {
	const [options, define] = rest.length === 2 ? rest : [{} as StageOptions, rest[0]];
	const { clock: _, apart = false } = options;
	const stages = [...(apart ? [] : [new OneNode(options)]), new TwoNodes(options), new TwoProcesses(options)];
	describe(title, () => {
		for (const stage of stages) {
			describe(stage.name, () => {
				before('the stage is set', () => stage.set());
				beforeEach('the notes begin', () => stage.begin());
				define(stage);
				afterEach('the books balance', () => stage.strike());
				after('the stage is cleared', () => stage.close());
			});
		}
	});
}

let number = 0;

/** What the stages have in common. */
abstract class Playhouse implements Stage {
	abstract readonly name: string;
	readonly notes: Note[] = [];
	protected readonly options: StageOptions;
	protected readonly clock: VirtualClock | undefined;
	protected farGone = false;
	#nearGone = false;
	/** Books of a node that has taken leave. */
	protected closedBooks: Stats | undefined;
	#near: ActorSystem | undefined;
	readonly #spawned: ActorRef<never>[] = [];

	constructor(options: StageOptions) {
		this.options = options;
		this.clock = options.clock === 'virtual' && this.virtual ? new VirtualClock() : undefined;
	}

	/** Whether both sides can share one virtual clock. */
	protected get virtual(): boolean {
		return true;
	}

	/** Starts both sides; the near one is returned. */
	protected abstract start(options: SideOptions): Promise<ActorSystem>;
	protected abstract stop(): Promise<void>;
	abstract get farNode(): string;
	protected abstract farStats(): Promise<Stats | undefined>;
	abstract stopFar(): Promise<void>;
	abstract killFar(): Promise<void>;

	get near(): ActorSystem {
		if (!this.#near) throw new Error('the stage is set in a before hook: use it inside a test');
		return this.#near;
	}

	protected readonly take = (note: Note): void => {
		this.notes.push(note);
	};

	async set(): Promise<void> {
		const { clock: _, apart: __, ...side } = this.options;
		this.#near = await this.drive(this.start({ ...side, name: `stage-${process.pid}-${++number}` }));
	}

	begin(): void {
		this.notes.length = 0;
	}

	async close(): Promise<void> {
		if (this.#near) await this.drive(this.stop());
		this.#near = undefined;
	}

	/** Stops what the test spawned, and looks at the books. */
	async strike(): Promise<void> {
		if (!this.#near) return;
		const spawned = this.#spawned.splice(0).reverse();
		if (!this.#nearGone) {
			if (!this.farGone) await this.drive(this.#prompter.ask.openAll());
			await this.drive(Promise.allSettled(spawned.map((ref) => ref.stop())));
		}
		let books = await this.books();
		try {
			await this.until(async () => balanced((books = await this.books())));
		} catch {
			throw new Error(`the books do not balance: ${JSON.stringify(books)}`);
		}
	}

	async stopNear(): Promise<void> {
		await this.drive(this.near.stop());
		this.#nearGone = true;
	}

	async books(): Promise<Stats> {
		// The far side first: what is counted here meanwhile is at worst counted twice, as pending.
		const far = this.farGone ? this.closedBooks : await this.farStats();
		return add(this.near.stats(), far);
	}

	id(about = 'actor'): string {
		return `${about}-${++number}`;
	}

	async spawn<A extends ActorInstance>(
		actor: ActorClass<A>,
		...options: SpawnArguments<ArgsOf<A>, PlacedSpawnOptions>
	): Promise<ActorRef<A>> {
		return this.#kept(await this.drive(this.#stagehand.ask.bring(actor.kind, options[0] ?? {}))) as ActorRef<A>;
	}

	async spawnNear<A extends ActorInstance>(
		actor: ActorClass<A>,
		...options: SpawnArguments<ArgsOf<A>>
	): Promise<ActorRef<A>> {
		return this.#kept({
			ref: (await this.drive(this.near.spawn(actor, ...options))) as ActorRef<never>,
		}) as ActorRef<A>;
	}

	async supervise(specs: readonly TreeSpec[], strategy = oneForOne()): Promise<SupervisorRef> {
		return this.#kept(await this.drive(this.#stagehand.ask.build(specs.map(dataOf), strategy))) as SupervisorRef;
	}

	#kept(outcome: Outcome): ActorRef<never> {
		if ('error' in outcome) throw outcome.error;
		this.#spawned.push(outcome.ref);
		return outcome.ref;
	}

	async open(gate: string): Promise<void> {
		await this.drive(this.#prompter.ask.open(gate));
	}

	async arrived(gate: string, count = 1): Promise<void> {
		await this.until(async () => (await this.drive(this.#prompter.ask.arrived(gate))) >= count);
	}

	journal(name: string): Promise<readonly string[]> {
		return this.drive(this.#prompter.ask.journal(name));
	}

	async noted(expected: Partial<Note>): Promise<Note> {
		const find = (): Note | undefined => this.notes.find((note) => matches(note, expected));
		try {
			await this.until(() => find() !== undefined);
		} catch {
			throw new Error(`no note like ${JSON.stringify(expected)} among ${JSON.stringify(this.notes, undefined, '\t')}`);
		}
		return find() as Note;
	}

	async until(condition: () => boolean | Promise<boolean>, within = 5_000): Promise<void> {
		const deadline = performance.now() + within;
		while (!(await condition())) {
			if (performance.now() > deadline) throw new Error(`not true within ${within} ms on ${this.name}: ${condition}`);
			if (this.clock) await this.clock.advance(5);
			else await new Promise((resolve) => setTimeout(resolve, 2));
		}
	}

	/** Lets virtual time pass until the promise settles. */
	protected async drive<T>(promise: Promise<T>): Promise<T> {
		if (!this.clock) return promise;
		let settled = false;
		const settle = (): void => {
			settled = true;
		};
		promise.then(settle, settle);
		await this.until(() => settled);
		return promise;
	}

	get #stagehand(): ActorRef<Stagehand> {
		return this.near.ref(Stagehand, 'stagehand').with({ timeout: '10s' });
	}

	get #prompter(): ActorRef<Prompter> {
		return this.near.ref(Prompter, 'prompter');
	}
}

class OneNode extends Playhouse {
	readonly name = 'on one node';

	get farNode(): string {
		return this.near.node.id;
	}

	protected async start(options: SideOptions): Promise<ActorSystem> {
		const system = await startSide(options, this.clock, this.take);
		await bringCrew(system);
		return system;
	}

	protected stop(): Promise<void> {
		return this.near.stop();
	}

	protected async farStats(): Promise<undefined> {}

	async stopFar(): Promise<void> {
		throw new Error('there is only one node here: use { apart: true }');
	}

	killFar(): Promise<void> {
		return this.stopFar();
	}
}

class TwoNodes extends Playhouse {
	readonly name = 'on two nodes on the memory bus';
	#far: ActorSystem | undefined;
	#bus = '';

	get farNode(): string {
		return this.#running.node.id;
	}

	protected async start(options: SideOptions): Promise<ActorSystem> {
		this.#bus = options.name;
		const sides = { ...options, servers: `memory://${this.#bus}` };
		this.#far = await startSide(sides, this.clock, this.take);
		await bringCrew(this.#far);
		return startSide(sides, this.clock, this.take);
	}

	protected async stop(): Promise<void> {
		await this.near.stop();
		// A node that was cut off finds itself evicted, and may still say so.
		memoryBus(this.#bus).heal();
		await this.#far?.stop();
		await memoryBus(this.#bus).close();
	}

	protected async farStats(): Promise<Stats> {
		return this.#running.stats();
	}

	async stopFar(): Promise<void> {
		await this.drive(this.#running.stop());
		this.closedBooks = this.#running.stats();
		this.farGone = true;
	}

	/** Its process lives, but nobody hears of it any more, nor it of anybody. */
	async killFar(): Promise<void> {
		const { name, node } = this.#running;
		memoryBus(this.#bus).partition(`troupe ${name} ${node.id}`, [`troupe ${name} ${this.near.node.id}`, STORE]);
		this.farGone = true;
	}

	get #running(): ActorSystem {
		if (!this.#far) throw new Error('the stage is not set');
		return this.#far;
	}
}

class TwoProcesses extends Playhouse {
	readonly name = 'in two processes on NATS';
	#farNode = '';

	protected override get virtual(): boolean {
		return false;
	}

	get farNode(): string {
		return this.#farNode;
	}

	protected async start(options: SideOptions): Promise<ActorSystem> {
		const { url } = await natsServer();
		const sides = { ...options, servers: url };
		this.#farNode = await farChild().open(sides, this.take);
		return startSide(sides, undefined, this.take);
	}

	protected async stop(): Promise<void> {
		await this.near.stop();
		if (child?.alive) await child.close();
	}

	protected farStats(): Promise<Stats> {
		return farChild().stats();
	}

	async stopFar(): Promise<void> {
		this.closedBooks = await farChild().close();
		this.farGone = true;
	}

	async killFar(): Promise<void> {
		await farChild().kill();
		this.farGone = true;
	}
}

let server: Promise<NatsServer> | undefined;
let child: FarChild | undefined;

function natsServer(): Promise<NatsServer> {
	server ??= startServer();
	return server;
}

function farChild(): FarChild {
	if (!child?.alive) child = new FarChild();
	return child;
}

after('the last stage is cleared', async () => {
	await child?.dismiss();
	await (await server)?.stop();
});

function dataOf({ actor, ...options }: TreeSpec): TreeData {
	if (actor.kind !== 'troupe.supervisor') return { kind: actor.kind, options: options as never };
	const { args, strategy: _, ...rest } = options as typeof options & { strategy: Strategy };
	const branch = args as { specs: readonly TreeSpec[]; strategy: Strategy };
	return {
		kind: actor.kind,
		options: rest as never,
		branch: { specs: branch.specs.map(dataOf), strategy: branch.strategy },
	};
}

function matches(note: Note, expected: Partial<Note>): boolean {
	return Object.entries(expected).every(
		([key, value]) => JSON.stringify(note[key as keyof Note]) === JSON.stringify(value),
	);
}

function add(one: Stats, other: Stats | undefined): Stats {
	if (!other) return one;
	const deadLetters: Record<string, number> = { ...one.deadLetters };
	for (const [reason, count] of Object.entries(other.deadLetters))
		deadLetters[reason] = (deadLetters[reason] ?? 0) + count;
	return {
		sent: one.sent + other.sent,
		handled: one.handled + other.handled,
		deadLetters,
		pending: one.pending + other.pending,
	};
}

function balanced({ sent, handled, deadLetters, pending }: Stats): boolean {
	const dead = Object.values(deadLetters).reduce((sum, count) => sum + count, 0);
	return pending === 0 && sent === handled + dead;
}
