/** The stream port's memory twin. Streams live on the memory bus and survive the systems on it, as buckets do. */

import { wholeNumber } from '../../supervisor/bad-option.ts';
import type { MemoryTransport, Shared } from '../transport/memory.ts';
import { checkBucketName, checkKey, checkSize, unavailable } from './kv-rules.ts';
import {
	type Appended,
	DEDUP_WINDOW,
	MAX_MESSAGES,
	type Stream,
	type StreamEntry,
	type StreamStore,
} from './stream.ts';

const STREAMS: unique symbol = Symbol.for('troupe.memory-streams.1') as never;

class Streams implements Shared {
	readonly contents = new Map<string, Content>();
	#latest = 0;

	open(name: string, maxMessages: number, window: number, wall: number): Content {
		const present = this.contents.get(name);
		if (present) return present;
		// As with buckets: two lives never share a time of birth, whatever the clock says.
		this.#latest = Math.max(wall, this.#latest + 1);
		const content = new Content(this.#latest, maxMessages, window);
		this.contents.set(name, content);
		return content;
	}

	wipe(): void {
		this.contents.clear();
	}
}

/** A client's view of the streams on its bus. */
export function memoryStreamStore(transport: MemoryTransport, timeout = 3_000): StreamStore {
	const wall = (): number => (transport.bus.clock ?? transport.clock).wall();
	return {
		async open(name, { maxMessages = MAX_MESSAGES, dedupWindow = DEDUP_WINDOW } = {}) {
			checkBucketName(name);
			wholeNumber(maxMessages, 'maxMessages', 1);
			wholeNumber(dedupWindow, 'dedupWindow', 100);
			const streams = transport.bus.shared(STREAMS, () => new Streams());
			const ask = async <T>(operation: string, operate: () => T): Promise<T> => {
				try {
					return await transport.request(operate, timeout);
				} catch (error) {
					throw unavailable(operation, transport.address, error);
				}
			};
			const content = await ask(`open stream '${name}'`, () => streams.open(name, maxMessages, dedupWindow, wall()));
			return new MemoryStream(name, transport, content, (operation, operate) =>
				ask(`${operation} stream '${name}'`, () => {
					if (streams.contents.get(name) !== content) throw new Error(`stream '${name}' was lost: open it again`);
					return operate(wall());
				}),
			);
		},
	};
}

class MemoryStream implements Stream {
	readonly created: number;
	readonly #name: string;
	readonly #transport: MemoryTransport;
	readonly #content: Content;
	readonly #on: <T>(operation: string, operate: (now: number) => T) => Promise<T>;

	constructor(
		name: string,
		transport: MemoryTransport,
		content: Content,
		on: <T>(operation: string, operate: (now: number) => T) => Promise<T>,
	) {
		this.created = content.created;
		this.#name = name;
		this.#transport = transport;
		this.#content = content;
		this.#on = on;
	}

	get maxBytes(): number {
		return this.#transport.maxPayload;
	}

	async append(key: string, value: Uint8Array, id: string, after?: number): Promise<Appended> {
		checkSize(value, this.maxBytes, this.#name);
		const copy = new Uint8Array(value);
		return this.#of(key, `append to key '${key}' of`, (now) => this.#content.append(key, copy, id, after, now));
	}

	async next(key: string, from: number): Promise<StreamEntry | undefined> {
		return this.#of(key, `read key '${key}' of`, () => this.#content.of(key).find(({ sequence }) => sequence >= from));
	}

	async remove(key: string, sequence: number): Promise<boolean> {
		return this.#of(key, `remove from key '${key}' of`, () => this.#content.remove(key, sequence));
	}

	backlog(): Promise<ReadonlyMap<string, number>> {
		return this.#on('count what is in', () => this.#content.backlog());
	}

	async entries(key?: string): Promise<readonly StreamEntry[]> {
		if (key !== undefined) checkKey(key);
		return this.#on('list', () => this.#content.entries(key));
	}

	#of<T>(key: string, operation: string, operate: (now: number) => T): Promise<T> {
		checkKey(key);
		return this.#on(operation, operate);
	}
}

/** One life of a stream. */
class Content {
	readonly created: number;
	readonly #maxMessages: number;
	readonly #window: number;
	readonly #keys = new Map<string, StreamEntry[]>();
	readonly #ids = new Map<string, { readonly sequence: number; readonly at: number }>();
	#sequence = 0;
	#size = 0;

	constructor(created: number, maxMessages: number, window: number) {
		this.created = created;
		this.#maxMessages = maxMessages;
		this.#window = window;
	}

	of(key: string): readonly StreamEntry[] {
		return this.#keys.get(key) ?? [];
	}

	append(key: string, value: Uint8Array, id: string, after: number | undefined, now: number): Appended {
		for (const [old, { at }] of this.#ids) {
			if (at + this.#window > now) break;
			this.#ids.delete(old);
		}
		const first = this.#ids.get(id);
		if (first) return { sequence: first.sequence, duplicate: true };
		if (after !== undefined && (this.of(key).at(-1)?.sequence ?? 0) !== after) return 'conflict';
		if (this.#size >= this.#maxMessages) return 'full';
		const sequence = ++this.#sequence;
		this.#size++;
		this.#ids.set(id, { sequence, at: now });
		const entries = this.#keys.get(key);
		if (entries) entries.push({ key, value, sequence });
		else this.#keys.set(key, [{ key, value, sequence }]);
		return { sequence, duplicate: false };
	}

	remove(key: string, sequence: number): boolean {
		const entries = this.#keys.get(key);
		const at = entries?.findIndex((entry) => entry.sequence === sequence) ?? -1;
		if (!entries || at < 0) return false;
		entries.splice(at, 1);
		if (entries.length === 0) this.#keys.delete(key);
		this.#size--;
		return true;
	}

	backlog(): ReadonlyMap<string, number> {
		return new Map([...this.#keys].map(([key, entries]) => [key, entries.length]));
	}

	entries(key: string | undefined): readonly StreamEntry[] {
		const found = key === undefined ? [...this.#keys.values()].flat() : [...this.of(key)];
		return found.sort((one, other) => one.sequence - other.sequence);
	}
}
