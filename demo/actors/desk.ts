/**
 * Has the list of files and hands them out to producers. A file is done when a producer says that all its chunks are
 * stored; the files of a producer that stops, dies or crashes are handed out again. So every file is read at least
 * once, to its end, by somebody.
 */

import { Actor, type ActorRef, stop } from '../../index.ts';
import type { InputFile } from '../input/walk.ts';
import type { Producer } from './producer.ts';

/** Files to fetch now; `over` when there will be none any more. */
export interface Batch {
	readonly files: readonly InputFile[];
	readonly over: boolean;
}

/** How far the desk is. */
export interface Planned {
	readonly files: number;
	readonly filesDone: number;
	readonly bytes: number;
	/** Chunks of the files that are done. */
	readonly produced: number;
	readonly unreadable: number;
	/** Nothing is being fetched: all is done, or the rest is held back. */
	readonly idle: boolean;
	readonly over: boolean;
}

/** The ID of a job's desk. */
export function deskId(job: string): string {
	return `desk/${job}`;
}

/** Files that are handed out together: few enough for others to have some, enough not to ask all the time. */
const BATCH = 32;
const BATCH_BYTES = 512 * 1024;

/** The plan and who does what. */
export class Desk extends Actor<{ readonly files: readonly InputFile[]; readonly share?: number }> {
	static readonly kind = 'demo.desk';
	static readonly supervision = stop();
	readonly #sizes = new Map(this.args.files.map(({ path, size }) => [path, size]));
	readonly #bytes = this.args.files.reduce((sum, { size }) => sum + size, 0);
	/** Files to be handed out, the next one last. */
	readonly #plan = [...this.#sizes.keys()].reverse();
	/** Who fetches which file. */
	readonly #leases = new Map<string, string>();
	#held = this.#bytes;
	#share = this.args.share ?? 1;
	#done = 0;
	#produced = 0;
	#unreadable = 0;

	/** A producer that has nothing: what was handed out to it before is handed out again. */
	join(producer: ActorRef<Producer>): void {
		this.#takeBack(producer.id);
		this.watch(producer);
	}

	/** Files for that producer. */
	next(producer: ActorRef<Producer>): Batch {
		const files: InputFile[] = [];
		for (let bytes = 0; files.length < BATCH && bytes < BATCH_BYTES && !this.#holdsBack; ) {
			const path = this.#plan.pop();
			if (path === undefined) break;
			const size = this.#sizes.get(path) ?? 0;
			files.push({ path, size });
			this.#leases.set(path, producer.id);
			this.#held -= size;
			bytes += size;
		}
		return { files, over: this.#over };
	}

	/** All chunks of the file are stored; `trouble` says why it could not be read to its end. */
	done(producer: ActorRef<Producer>, path: string, chunks: number, trouble?: string): void {
		if (this.#leases.get(path) !== producer.id) return; // handed out again meanwhile: the other one will report it
		this.#leases.delete(path);
		this.#done++;
		this.#produced += chunks;
		if (trouble !== undefined) this.#unreadable++;
	}

	/** Holds back what is beyond this share of the bytes. */
	open(share: number): void {
		this.#share = share;
	}

	/** Hands nothing out any more. */
	close(): void {
		this.#plan.length = 0;
	}

	progress(): Planned {
		return {
			files: this.#sizes.size,
			filesDone: this.#done,
			bytes: this.#bytes,
			produced: this.#produced,
			unreadable: this.#unreadable,
			idle: this.#leases.size === 0 && (this.#plan.length === 0 || this.#holdsBack),
			over: this.#over,
		};
	}

	protected override onTerminated(producer: ActorRef<Producer>): void {
		this.#takeBack(producer.id);
	}

	get #over(): boolean {
		return this.#plan.length === 0 && this.#leases.size === 0 && this.#share >= 1;
	}

	get #holdsBack(): boolean {
		return this.#share < 1 && this.#bytes - this.#held >= this.#share * this.#bytes;
	}

	#takeBack(producer: string): void {
		for (const [path, holder] of this.#leases) {
			if (holder !== producer) continue;
			this.#leases.delete(path);
			this.#held += this.#sizes.get(path) ?? 0;
			this.#plan.push(path);
		}
	}
}
