/**
 * A stage that workers share. Elements are cut into pieces, each with its number, and a piece is with one worker until that
 * says what came of it.
 *
 * | a piece | goes on when |
 * |---|---|
 * | waits | a worker has room for it: each has two pieces, or as many (32 at most) as are 20 ms of work |
 * | with a worker | the worker tells what came of it → done; the worker is gone → waits again, first in line (or is lost, at most once) |
 * | done | all before it are, unless order does not matter |
 *
 * No more pieces are cut than twice what the workers have room for, those that are done and not taken among them.
 */

import type { Cancel } from '../../runtime/core/clock.ts';
import { isTroupeError, TroupeError } from '../../runtime/core/errors.ts';
import type { AnyRef } from '../../runtime/core/protocol.ts';
import { hash } from '../hash.ts';
import type { Report } from './crew.ts';
import { Elastic, GROW_AFTER } from './elastic.ts';
import type { Meter } from './meter.ts';
import { lengthOf, Packed, type Packing } from './packed.ts';
import { inParts } from './parts.ts';
import { Measure, type Piece } from './piece.ts';
import type { WorkStage } from './plan.ts';
import { Shelf } from './shelf.ts';
import { type Batch, hold, Signal, type Stand, type Stream } from './stream.ts';
import { type Poison, stageFailed } from './work.ts';
import type { PipelineWorker } from './worker.ts';

/** Workers that a piece may outlive before it is taken for what kills them. */
const DEATHS = 3;
interface Worker {
	readonly number: number;
	readonly ref: AnyRef;
	/** Whether it is on another node. */
	readonly far: boolean;
	readonly lane: number;
	readonly pieces: Map<number, Piece>;
	idleSince: number;
}

/** A worker that has just come. */
export type HiredWorker = Pick<Worker, 'number' | 'ref' | 'far'>;

/** What a pool asks of its run. */
export interface PoolPorts {
	readonly stand: Stand;
	readonly meter: Meter;
	readonly redo: boolean;
	readonly packing: Packing;
	/** Hires a worker; resolves when it is there. */
	readonly hire: (pool: Pool, lane: number) => Promise<HiredWorker>;
	readonly dismiss: (worker: number) => Promise<void>;
	/** Elements that nothing comes of. */
	readonly setAside: ((poison: readonly Poison[]) => Promise<void>) | undefined;
	readonly failed: (error: unknown) => void;
}

/** The workers of a stage, and what is with them. */
export class Pool implements Stream {
	readonly #upstream: Stream;
	readonly #stage: WorkStage;
	readonly #ports: PoolPorts;
	readonly #shelf = new Shelf();
	readonly #workers = new Map<number, Worker>();
	/** Lanes of workers that are still to come. */
	readonly #hiring = new Set<number>();
	readonly #waiting: Piece[] = [];
	/** Pieces that are done, by number, and wait for those before them. */
	readonly #done = new Map<number, Batch>();
	readonly #changed = new Signal();
	#cut = 0;
	/** Pieces that are cut and not taken. */
	#open = 0;
	#next = 0;
	#fetching = false;
	#over = false;
	#closed = false;
	#inFlight = 0;
	readonly #measure = new Measure();
	readonly #elastic: Elastic;
	#look: Cancel | undefined;
	/** No more pieces are cut until another worker is there, who will have some of the keys. */
	#holding = false;

	constructor(upstream: Stream, stage: WorkStage, ports: PoolPorts) {
		this.#upstream = upstream;
		this.#stage = stage;
		this.#ports = ports;
		this.#elastic = new Elastic(stage.workers);
		ports.meter.present = () => ({
			inFlight: this.#inFlight,
			queue: this.#shelf.length + this.#waiting.reduce((sum, { batch }) => sum + lengthOf(batch), 0),
			workers: this.#workers.size,
			lag: Math.max(0, ports.stand.now() - (this.#waiting[0]?.since ?? ports.stand.now())),
		});
	}

	/** Hires its first workers. Rejects when there are none to be had. */
	async open(): Promise<void> {
		await Promise.all(Array.from({ length: this.#elastic.wanted }, (_, lane) => this.#hire(lane)));
	}

	async next(): Promise<Batch | undefined> {
		for (;;) {
			this.#fetch();
			const batch = this.#take();
			if (batch) return batch;
			if (this.#over && this.#open === 0 && this.#shelf.length === 0) return undefined;
			await this.#changed.wait();
		}
	}

	async cancel(): Promise<void> {
		this.#closed = this.#over = true;
		this.#changed.wake();
		await this.#upstream.cancel();
	}

	/** All elements are seen to: the workers may close what they have opened. Rejects when one cannot. */
	async finish(error?: unknown): Promise<void> {
		this.#closed = true;
		this.#look?.();
		const ends = [...this.#workers.values()].map(async ({ ref, number }) => {
			const asked = ref.with({ timeout: '1h' }).ask as unknown as {
				finish(error?: unknown): Promise<{ error?: unknown }>;
			};
			const end = await asked.finish(error);
			void this.#ports.dismiss(number).catch(() => {});
			if (end.error !== undefined) throw stageFailed(this.#stage.name, end.error, 1);
		});
		await Promise.all(ends);
	}

	// ---------------------------------------------------------------------------------------------------- from workers

	/** A worker has done a piece, or a part of it. */
	done(number: number, at: number, report: Report): void {
		const worker = this.#workers.get(number);
		const piece = worker?.pieces.get(at);
		if (!worker || !piece) return;
		if (report.packed) {
			const { bytes, length } = report.packed;
			piece.packed = new Packed(bytes, length, piece.batch.receipts, this.#ports.packing);
		} else for (const value of report.values) piece.results.push(value);
		if (report.more) return;
		const { meter } = this.#ports;
		const size = lengthOf(piece.batch);
		meter.retries += report.retries;
		meter.spent += report.spent;
		this.#measure.learn(size, report.spent);
		this.#release(worker, piece);
		if (report.poison.length > 0) this.#setAside(report.poison, piece);
		else this.#finished(piece);
	}

	/** A worker cannot go on with a piece, and with it the run. */
	failed(_number: number, _at: number, error: unknown): void {
		this.#ports.failed(error);
	}

	/** A worker is gone, with what it had. */
	gone(number: number): void {
		const worker = this.#workers.get(number);
		if (!worker) return;
		this.#workers.delete(number);
		const { redo, meter } = this.#ports;
		for (const piece of [...worker.pieces.values()].reverse()) {
			const size = lengthOf(piece.batch);
			this.#inFlight -= size;
			piece.results = [];
			piece.packed = undefined;
			piece.deaths++;
			if (!redo) {
				meter.lost += size;
				this.#finished(piece);
			} else if (piece.deaths >= DEATHS) this.#deadly(piece);
			else {
				meter.redone += size;
				this.#waiting.unshift(piece);
			}
		}
		if (!this.#closed) void this.#hire(worker.lane).catch(this.#ports.failed);
		this.#changed.wake();
	}

	// ------------------------------------------------------------------------------------------------------- to workers

	/** Asks for elements as long as there is room for pieces. */
	#fetch(): void {
		this.#cutPieces();
		this.#dispatch();
		if (this.#fetching || this.#over || this.#open >= this.#room || this.#shelf.length >= this.#measure.size) return;
		this.#fetching = true;
		this.#upstream.next().then(
			(batch) => {
				this.#fetching = false;
				if (batch) {
					this.#ports.meter.in += lengthOf(batch);
					this.#put(batch);
				} else this.#over = true;
				this.#cutPieces();
				this.#dispatch();
				if (this.#open < this.#room) this.#fetch();
				this.#changed.wake();
			},
			(error) => this.#ports.failed(error),
		);
	}

	/** Pieces there may be. */
	get #room(): number {
		return 2 * this.#elastic.wanted * this.#measure.each;
	}

	#cutPieces(): void {
		while (!this.#holding && this.#shelf.length > 0 && this.#open < this.#room) {
			// What there is, is for all of them.
			const share = Math.ceil(this.#shelf.length / Math.max(1, this.#elastic.wanted));
			const batch = this.#shelf.take(Math.min(this.#measure.size, Math.max(share, 1)));
			const { grouping } = this.#stage;
			if (grouping?.kind === 'fields') this.#cutByKey(batch, grouping.key);
			else this.#cutOne(batch, undefined);
		}
	}

	#cutByKey(batch: Batch, keyOf: (element: unknown) => unknown): void {
		const lanes = new Map<number, unknown[]>();
		for (const value of batch.values) {
			const lane = hash(String(keyOf(value))) % this.#elastic.wanted;
			const list = lanes.get(lane);
			if (list) list.push(value);
			else lanes.set(lane, [value]);
		}
		hold(batch, lanes.size - 1);
		for (const [lane, values] of lanes) this.#cutOne({ values, receipts: batch.receipts }, lane);
	}

	/** What has come packed goes on as it is, if it is no larger than a piece may be. */
	#put(batch: Batch): void {
		const whole = batch instanceof Packed && this.#shelf.length === 0 && this.#stage.grouping?.kind !== 'fields';
		if (whole && batch.length > 0 && batch.length <= this.#measure.size && this.#elastic.wanted === 1)
			this.#cutOne(batch, undefined);
		else this.#shelf.put(batch);
	}

	#cutOne(batch: Batch, lane: number | undefined): void {
		const since = this.#ports.stand.now();
		const copies = this.#stage.grouping?.kind === 'all' ? this.#elastic.wanted : 1;
		hold(batch, copies - 1);
		this.#open += copies;
		for (let n = 0; n < copies; n++) {
			const own = { number: this.#cut++, batch, lane: copies === 1 ? lane : n };
			this.#waiting.push({ ...own, since, deaths: 0, results: [], packed: undefined });
		}
	}

	#dispatch(): void {
		if (this.#closed) return;
		for (let n = 0; n < this.#waiting.length; ) {
			const piece = this.#waiting[n] as Piece;
			const worker = this.#workerFor(piece);
			if (worker) {
				this.#waiting.splice(n, 1);
				this.#give(worker, piece);
			} else if (piece.lane === undefined) break;
			else n++;
		}
		this.#scale();
	}

	/** The one with the least to do, if it has room. */
	#workerFor({ lane }: Piece): Worker | undefined {
		let best: Worker | undefined;
		const { each } = this.#measure;
		for (const worker of this.#workers.values()) {
			if (worker.pieces.size >= each || (lane !== undefined && worker.lane !== lane % this.#elastic.wanted)) continue;
			if (!best || worker.pieces.size < best.pieces.size) best = worker;
		}
		return best;
	}

	#give(worker: Worker, piece: Piece): void {
		worker.pieces.set(piece.number, piece);
		this.#inFlight += lengthOf(piece.batch);
		const { tell } = worker.ref as unknown as { tell: Pick<PipelineWorker, 'work'> };
		try {
			if (worker.far && this.#pack(piece)) tell.work(piece.number, (piece.batch as Packed).bytes, false);
			else inParts(piece.batch.values, (part, more) => tell.work(piece.number, part, more));
		} catch (error) {
			this.#ports.failed(stageFailed(this.#stage.name, error, 1));
		}
	}

	/** Whether it could be done: what is too large for one message goes in parts. */
	#pack(piece: Piece): boolean {
		const { batch } = piece;
		if (batch instanceof Packed) return true;
		const { packing } = this.#ports;
		try {
			piece.batch = new Packed(packing.encode(batch.values), batch.values.length, batch.receipts, packing);
			return true;
		} catch (error) {
			if (isTroupeError(error) && error.code === 'ERR_TOO_LARGE') return false;
			throw error;
		}
	}

	#release(worker: Worker, piece: Piece): void {
		worker.pieces.delete(piece.number);
		this.#inFlight -= lengthOf(piece.batch);
		if (worker.pieces.size === 0) worker.idleSince = this.#ports.stand.now();
	}

	async #hire(lane: number): Promise<void> {
		this.#hiring.add(lane);
		const { number, ref, far } = await this.#ports.hire(this, lane);
		this.#hiring.delete(lane);
		if (this.#closed) return void this.#ports.dismiss(number).catch(() => {});
		this.#workers.set(number, { number, ref, far, lane, pieces: new Map(), idleSince: this.#ports.stand.now() });
		this.#cutPieces();
		this.#dispatch();
		this.#changed.wake();
	}

	/** One worker more, or one less, where that is left to the work; one at a time. */
	#scale(): void {
		const elastic = this.#elastic;
		if (elastic.isFixed || this.#hiring.size > 0) return;
		const now = this.#ports.stand.now();
		// Keys change hands when none of their elements is under way, and that has to be brought about.
		const keyed = this.#stage.grouping?.kind === 'fields';
		this.#holding ||= keyed && elastic.isShort(now, this.#waiting.length > 0);
		const quiet = this.#inFlight === 0 && this.#waiting.length === 0;
		if (keyed ? this.#holding && quiet : elastic.isShort(now, this.#waiting.length > 0)) this.#grow(now);
		else if (!keyed || quiet) this.#shrink(now);
		if (this.#waiting.length > 0 || elastic.hasGrown) this.#lookAgain();
	}

	#grow(now: number): void {
		this.#holding = false;
		this.#elastic.grow(now);
		void this.#hire(this.#elastic.wanted - 1).catch(this.#ports.failed);
	}

	#shrink(now: number): void {
		const last = [...this.#workers.values()].find(({ lane }) => lane === this.#elastic.wanted - 1);
		if (!last || last.pieces.size > 0 || !this.#elastic.shrinks(now, last.idleSince)) return;
		this.#workers.delete(last.number);
		void this.#ports.dismiss(last.number).catch(() => {});
	}

	/** Nothing need happen for it to be time. */
	#lookAgain(): void {
		this.#look ??= this.#ports.stand.after(GROW_AFTER, () => {
			this.#look = undefined;
			if (!this.#closed) this.#dispatch();
		});
	}

	// --------------------------------------------------------------------------------------------------------- outcomes

	#setAside(poison: readonly Poison[], piece: Piece): void {
		const { setAside, meter, failed } = this.#ports;
		meter.failures += poison.length;
		setAside?.(poison).then(() => this.#finished(piece), failed);
	}

	#deadly(piece: Piece): void {
		const error = new TroupeError(
			'ERR_PIPELINE_FAILED',
			`stage '${this.#stage.name}' has lost ${DEATHS} workers with the same elements, which may be what kills them`,
		);
		if (!this.#ports.setAside) return this.#ports.failed(error);
		const { values } = piece.batch;
		this.#setAside(
			values.map((element) => ({ element, error, stage: this.#stage.name, attempts: DEATHS })),
			piece,
		);
	}

	#finished(piece: Piece): void {
		const { packed, results, batch } = piece;
		this.#ports.meter.out += packed?.length ?? results.length;
		this.#done.set(piece.number, packed ?? { values: results, receipts: batch.receipts });
		this.#dispatch();
		this.#changed.wake();
	}

	/** What is done and may go on. */
	#take(): Batch | undefined {
		const ordered = this.#stage.ordered;
		const number = ordered ? this.#next : this.#done.keys().next().value;
		const batch = number === undefined ? undefined : this.#done.get(number);
		if (!batch || number === undefined) return undefined;
		this.#done.delete(number);
		this.#next++;
		this.#open--;
		return batch;
	}
}
