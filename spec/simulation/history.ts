/**
 * What the actors of a simulated cluster have done, and what they must never do. Whoever acts tells it here; the first
 * rule that is broken stays, and the simulation stops at it.
 */

/** A question of an actor's, or a send, until it has settled. */
export interface Waiting {
	readonly node: string;
	readonly what: string;
	/** The ID that a send waits for room at. */
	readonly sendTo?: string;
	/** By when it has to have settled, on its node's own clock; `undefined` when it may wait for room. */
	readonly due: number | undefined;
}

/** So long a node may be busy with what was due while it was paused, in ms. */
const TOLERANCE = 500;

const PARTED: ReadonlySet<string | undefined> = new Set(['ERR_NODE_DOWN', 'ERR_STALE_EPOCH', 'ERR_SYSTEM_STOPPED']);

/** The story of one run. */
export class History {
	/** The first rule that was broken. */
	broken: string | undefined;
	/** Messages handled. */
	handled = 0;
	readonly #note: (line: string) => void;
	#lives = 0;
	/** How often the store has lost what it held. */
	#losses = 0;
	/** Lives that acted after a later one had, and those. */
	readonly #returned = new Set<number>();
	/** By ID: the life that acted last. */
	readonly #acting = new Map<string, number>();
	/** By stream and ID: the number that was handled last. */
	readonly #last = new Map<string, number>();
	readonly #waiting = new Set<Waiting>();
	/** What waited on nodes that were killed, or at some: where it waits, nobody may know that yet. */
	readonly #orphaned = new Set<Waiting>();
	readonly #gone = new Set<string>();
	/** By node and ID: watches that have not been told of an end. */
	readonly #watches = new Set<string>();
	/** By node: when it last woke up from a pause. */
	readonly #woken = new Map<string, number>();
	readonly #epochs = new Map<string, number>();

	/** `note` is told every line of it. */
	constructor(note: (line: string) => void) {
		this.#note = note;
	}

	note(line: string): void {
		this.#note(line);
	}

	/** A rule is broken. */
	fail(what: string): void {
		this.broken ??= what;
		this.#note(`BROKEN: ${what}`);
	}

	/** The store has lost all that it held. */
	storeLost(): void {
		this.#losses++;
		this.#note('the store loses all that it held');
	}

	/** Another holder of an ID comes into being. Its number is larger than that of all before. */
	born(id: string, node: string): number {
		this.#note(`${node} begins ${id} (life ${++this.#lives})`);
		return this.#lives;
	}

	/** A holder has been handed the message of that number. */
	acted(id: string, life: number, node: string, stream: string, number: number): void {
		// The bus still tells a killed node that its connection is gone, and it takes that for its own doing.
		if (this.#gone.has(node)) return;
		this.handled++;
		this.#note(`${node} handles ${id}: ${number} of ${stream} (life ${life})`);
		const acting = this.#acting.get(id) ?? 0;
		// A store that is lost twice may be empty for one who has missed what was between: that one may come back, once.
		const mayReturn = this.#losses > 1 && !this.#returned.has(life);
		if (life < acting && !mayReturn)
			this.fail(`two owners: life ${life} of ${id} acted on ${node} after life ${acting} had`);
		if (life < acting) this.#returned.add(life).add(acting);
		else if (life > acting && this.#returned.has(life)) this.fail(`two owners: life ${life} and ${acting} of ${id}`);
		this.#acting.set(id, life);
		const lane = `${stream} to ${id}`;
		const last = this.#last.get(lane) ?? 0;
		if (number === last) this.fail(`handled twice: message ${number} from ${lane}`);
		if (number < last) this.fail(`out of order or twice: message ${number} from ${lane} came after ${last}`);
		this.#last.set(lane, number);
	}

	/** The highest epoch that an ID is known to have had. */
	epochOf(id: string): number {
		return this.#epochs.get(id) ?? 0;
	}

	/** A node has been given an ID under this epoch; `before`: what was known when it asked for it. */
	claimed(id: string, node: string, epoch: number, before: number): void {
		this.#note(`${node} owns ${id}`);
		if (epoch <= before) this.fail(`an epoch went back: ${id} had ${before} and now has ${epoch}`);
		this.#epochs.set(id, Math.max(epoch, this.epochOf(id)));
	}

	/** Follows a promise until it settles: with the `expected` value, if there is one, or with an error that has a code. */
	follow(waiting: Waiting, outcome: Promise<unknown>, expected?: number): void {
		const { node, what } = waiting;
		(this.#gone.has(node) ? this.#orphaned : this.#waiting).add(waiting);
		outcome.then(
			(value) => {
				this.#waiting.delete(waiting);
				this.#note(`${node}: ${what} succeeded`);
				if (expected !== undefined && value !== expected) this.fail(`${what} from ${node} was answered with ${value}`);
			},
			(error: { readonly code?: string }) => {
				this.#waiting.delete(waiting);
				// It may still wait there, on a node that does not know that one of the two is gone.
				if (PARTED.has(error.code)) this.#orphaned.add(waiting);
				this.#note(`${node}: ${what} failed with ${error.code}`);
				if (!error.code?.startsWith('ERR_')) this.fail(`${what} from ${node} failed without a code: ${error}`);
			},
		);
	}

	/** A node has been paused: what was due meanwhile is late. */
	woke(node: string, now: number): void {
		this.#woken.set(node, now);
	}

	/** What waits at a node although it is overdue by its clock. */
	overdue(node: string, now: number): void {
		if (now - (this.#woken.get(node) ?? Number.NEGATIVE_INFINITY) < TOLERANCE) return;
		for (const waiting of this.#waiting) {
			if (waiting.node === node && waiting.due !== undefined && now > waiting.due)
				this.fail(`${waiting.what} from ${node} has not settled`);
		}
	}

	/** Sends that may wait for room at an ID. */
	sends(id: string): number {
		return [...this.#waiting, ...this.#orphaned].filter(({ sendTo }) => sendTo === id).length;
	}

	/** What still waits, in words. */
	get waiting(): readonly string[] {
		return [...this.#waiting].map(({ node, what }) => `${what} from ${node}`);
	}

	/** A watch begins; `false` when there is one already. */
	watches(node: string, id: string): boolean {
		const watch = `${node} ${id}`;
		if (this.#gone.has(node) || this.#watches.has(watch)) return false;
		this.#watches.add(watch);
		return true;
	}

	/** A watch has been told of an end. */
	told(node: string, id: string, reason: string): void {
		this.#note(`${node} is told that ${id} has ended: ${reason}`);
		if (this.#gone.has(node)) return;
		if (!this.#watches.delete(`${node} ${id}`)) this.fail(`${node} was told twice that ${id} has ended`);
	}

	/** Watches that have not been told, in words. */
	get untold(): readonly string[] {
		return [...this.#watches];
	}

	/** The node is gone, and nobody there waits any more. */
	forget(node: string): void {
		this.#gone.add(node);
		for (const waiting of this.#waiting) {
			if (waiting.node !== node) continue;
			this.#waiting.delete(waiting);
			this.#orphaned.add(waiting);
		}
		for (const watch of this.#watches) if (watch.startsWith(`${node} `)) this.#watches.delete(watch);
	}
}
