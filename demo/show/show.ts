/**
 * The show: a NATS server, a node with desk, store and board, two producer nodes and three consumer nodes, each a process
 * of its own, and everything that goes wrong between them. It ends when every chunk is stored, and then opens its books.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { ActorSystem } from '../../index.ts';
import { type NatsServer, startNatsServer } from '../../runtime/transport/nats-server.ts';
import { BOARD, Board, type Row } from '../actors/board.ts';
import { Consumer, consumersOf, type Stumble } from '../actors/consumer.ts';
import { Usher, usherId } from '../actors/usher.ts';
import type { Tally } from '../analysis.ts';
import type { Input } from '../input/walk.ts';
import { Job, type Progress } from '../job.ts';
import { log } from '../nodes/node.ts';
import { type Books, closeBooks } from './books.ts';
import { Company, type Part } from './company.ts';
import { bar, count, megabytes, percent, seconds, shareOf } from './figures.ts';
import { incidents, type Scene } from './incidents.ts';
import type { Screen } from './screen.ts';
import { stageTable } from './stage-table.ts';

/** What came of it. */
export interface Outcome extends Progress {
	readonly tally: Tally;
	readonly books: Books;
	readonly nodes: number;
	readonly restarts: number;
	readonly nodesKilled: number;
	readonly natsRestarts: number;
	/** From the first file handed out to the last chunk stored. */
	readonly milliseconds: number;
}

const JOB = 'show';

/** A consumer stumbles this often, in ms. */
const STUMBLES = 1_000;

/** Between two looks at what an incident waits for, in ms. */
const LOOK = 50;

/** Nothing that is right keeps everything from moving for so long, in ms. */
const PATIENCE = 40_000;

export class Show implements Scene {
	readonly #screen: Screen;
	readonly #input: Input;
	readonly #company: Company;
	#nats!: NatsServer;
	#system!: ActorSystem;
	#job!: Job;
	#began = 0;
	#nodes = 1;
	#nodesKilled = 0;
	#natsRestarts = 0;
	#stumbles = 0;

	constructor(screen: Screen, input: Input) {
		this.#screen = screen;
		this.#input = input;
		this.#company = new Company((line) => this.#say(line));
	}

	/** Plays it from start to end; whatever happens, nothing is left running. */
	async play(): Promise<Outcome> {
		try {
			await this.#raiseCurtain();
			const outcome = await this.#perform();
			await this.#company.dismiss();
			return outcome;
		} finally {
			this.#screen.close();
			this.#company.disband();
			await this.#system?.stop();
			await this.#nats?.stop();
		}
	}

	/** Ends the processes of the show at once. */
	abort(): void {
		this.#company.disband();
	}

	async #raiseCurtain(): Promise<void> {
		this.#nats = await startNatsServer({ say: (line) => this.#say(line) });
		this.#system = await ActorSystem.start({ name: 'demo', node: 'director', servers: this.#nats.url, log });
		this.#system.events.on('nodeUp', () => this.#nodes++);
		await this.#system.spawn(Board, { id: BOARD });
		await this.#system.spawn(Usher, { id: usherId(this.#system.node.id) });
		this.#job = await Job.open(this.#system, JOB, this.#input, 0);
		const consumers = ['consumer-1', 'consumer-2'].map((name) => this.#enter('consumer', name));
		const producers = ['producer-1', 'producer-2'].map((name) => this.#enter('producer', name));
		await Promise.all([...consumers, ...producers]);
		this.#began = performance.now();
	}

	async #perform(): Promise<Outcome> {
		const stumbling = setInterval(() => void this.#stumbleOne(), STUMBLES);
		try {
			const finished = this.#job.finished((progress) => void this.#draw(progress), PATIENCE);
			const [progress] = await Promise.all([finished, incidents(this)]);
			return { ...progress, milliseconds: performance.now() - this.#began, ...(await this.#reckon()) };
		} finally {
			clearInterval(stumbling);
		}
	}

	async #reckon(): Promise<Omit<Outcome, keyof Progress | 'milliseconds'>> {
		const tally = await this.#job.result();
		const rows = await this.#rows();
		const books = await closeBooks(
			this.#system,
			rows.filter(({ left }) => left),
		);
		// Of the killed node, the last that was heard; of the others, the last of their books.
		const last = new Map([...rows, ...books.nodes].map((report) => [report.node, report]));
		const restarts = [...last.values()].flatMap(({ actors }) => actors).reduce((sum, actor) => sum + actor.restarts, 0);
		return {
			tally,
			books,
			restarts,
			nodes: this.#nodes,
			nodesKilled: this.#nodesKilled,
			natsRestarts: this.#natsRestarts,
		};
	}

	// ------------------------------------------------------------------------------------------------------- incidents

	async reached(share: number): Promise<void> {
		for (;;) {
			const progress = await this.#job.progress().catch(() => undefined);
			if (progress?.planned.idle || (progress && shareOf(progress.stored.bytes, progress.planned.bytes) >= share))
				return;
			await pause(LOOK);
		}
	}

	open(share: number): void {
		this.#job.open(share);
	}

	async stumbleAll(): Promise<void> {
		this.#say('every consumer stumbles when its first chunk is done');
		await Promise.all([...consumersOf(this.#system.nodes())].map((id) => this.#stumble(id, 'after')));
	}

	async join(name: string): Promise<void> {
		await this.#enter('consumer', name);
		this.#say(`${name} joins late`);
	}

	async kill(name: string): Promise<void> {
		const from = performance.now();
		const node = this.#system.nodes().find((member) => member.name === name)?.id ?? name;
		await this.#company.kill(name);
		this.#nodesKilled++;
		this.#say(`${name} is killed with -9`);
		while (await this.#isSeen(node)) await pause(LOOK);
		this.#say(`${name} is missed by all after ${seconds(performance.now() - from)}; what it had is handed out again`);
	}

	async restartNats(): Promise<void> {
		const from = performance.now();
		await this.#nats.kill();
		this.#say('NATS is killed with -9');
		await this.#nats.restart();
		this.#natsRestarts++;
		this.#say(`NATS is back after ${seconds(performance.now() - from)}`);
	}

	/** Whether anybody still takes the node for a member; first of all this one, as the dead do not answer. */
	async #isSeen(node: string): Promise<boolean> {
		const members = this.#system.nodes().map(({ id }) => id);
		if (members.includes(node)) return true;
		const answers = members.map((id) =>
			this.#system
				.ref(Usher, usherId(id))
				.ask.sees(node)
				.catch(() => true),
		);
		return (await Promise.all(answers)).includes(true);
	}

	/** Now this one, now that. */
	async #stumbleOne(): Promise<void> {
		const ids = [...consumersOf(this.#system.nodes().filter(({ status }) => status === 'up'))];
		const id = ids[this.#stumbles++ % ids.length];
		if (id !== undefined) await this.#stumble(id, this.#stumbles % 2 === 0 ? 'before' : 'after');
	}

	async #stumble(id: string, how: Stumble): Promise<void> {
		await this.#system
			.ref(Consumer, id)
			.send.stumble(how)
			.catch(() => {}); // it was the one that was killed
	}

	// ----------------------------------------------------------------------------------------------------------- people

	/** Starts a process; resolves when it is a member of the cluster, and its consumers are there. */
	async #enter(part: Part, name: string): Promise<void> {
		const { events } = this.#system;
		const entered = new Promise<string>((resolve) => {
			const off = events.on('nodeUp', (event) => {
				if (event.name !== name) return;
				off();
				resolve(event.node);
			});
		});
		const fetching = part === 'producer' ? ['--job', JOB, '--input', this.#input.root] : [];
		this.#company.hire(part, name, ['--nats', this.#nats.url, ...fetching]);
		const node = await entered;
		const actors = [...consumersOf(this.#system.nodes().filter(({ id }) => id === node))];
		while (!(await Promise.all(actors.map((id) => this.#system.whereis(id)))).every((found) => found))
			await pause(LOOK);
	}

	// ------------------------------------------------------------------------------------------------------- the picture

	async #draw({ planned, stored }: Progress): Promise<void> {
		const rows = await this.#rows();
		const rate = rows.reduce((sum, row) => sum + row.rate, 0);
		const figures = [
			`${percent(stored.bytes, planned.bytes)} of ${megabytes(planned.bytes)}`,
			`${count(stored.chunks)} chunks stored`,
			`${count(stored.duplicates)} duplicates dropped`,
			`${count(rate)} messages/s`,
			seconds(performance.now() - this.#began),
		].join(' · ');
		const members = this.#system.nodes();
		this.#screen.show(figures, () => `${stageTable(rows, members)}\n${bar(stored.bytes, planned.bytes)}`);
	}

	async #rows(): Promise<readonly Row[]> {
		return this.#system
			.ref(Board, BOARD)
			.ask.rows()
			.catch(() => []);
	}

	#say(line: string): void {
		const at = this.#began ? seconds(performance.now() - this.#began) : '';
		this.#screen.say(`${at.padStart(7)}  ${line}`);
	}
}
