/**
 * Knows what goes on at its node and tells the board, if there is one: mailboxes, messages handled, restarts. At the
 * end it gives the node's books, and reports no more, so that nothing moves while they are added up.
 */

import { Actor, type ActorRef, type Stats } from '../../index.ts';
import { BOARD, Board } from './board.ts';

/** One actor of a node. */
export interface ActorReport {
	readonly id: string;
	readonly kind: string;
	readonly pending: number;
	readonly restarts: number;
}

/** One node at one moment. */
export interface NodeReport {
	readonly node: string;
	readonly name: string;
	readonly pid: number;
	readonly stats: Stats;
	readonly actors: readonly ActorReport[];
}

/** The ID of a node's usher. */
export function usherId(node: string): string {
	return `usher@${node}`;
}

const INTERVAL = '500ms';

/** One per node. */
export class Usher extends Actor {
	static readonly kind = 'demo.usher';
	readonly #restarts = new Map<string, number>();
	#board: ActorRef<Board> | undefined;
	#ends: (() => void)[] = [];

	/** Whether the node is a member, as far as is known here. */
	sees(node: string): boolean {
		return this.system.nodes().some(({ id }) => id === node);
	}

	/** The last report. */
	books(): NodeReport {
		this.timers.clear();
		return this.#report();
	}

	protected override onStart(): void {
		this.#ends = [
			this.system.events.on('actorRestarted', ({ id }) => this.#restarts.set(id, (this.#restarts.get(id) ?? 0) + 1)),
		];
		this.timers.every(INTERVAL, () => this.#tell());
	}

	/** The last report of a node that leaves, as its books will be when this has been handled here and at the board. */
	async farewell(): Promise<void> {
		const { stats, ...report } = this.books();
		const { sent, handled, deadLetters } = stats;
		await this.#board?.ask.farewell({
			...report,
			stats: { sent: sent + 1, handled: handled + 1, deadLetters, pending: 0 },
		});
	}

	protected override onStop(): void {
		for (const end of this.#ends) end();
	}

	protected override onTerminated(): void {
		this.#board = undefined;
	}

	async #tell(): Promise<void> {
		if (!this.#board && (await this.system.whereis(BOARD).catch(() => undefined))) {
			this.#board = this.system.ref(Board, BOARD);
			this.watch(this.#board);
		}
		this.#board?.tell.report(this.#report());
	}

	#report(): NodeReport {
		const { id: node, name } = this.system.node;
		const actors = this.system
			.mailboxes()
			.map((mailbox) => ({ ...mailbox, restarts: this.#restarts.get(mailbox.id) ?? 0 }));
		return { node, name, pid: process.pid, stats: this.system.stats(), actors };
	}
}
