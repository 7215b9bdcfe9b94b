/** Callbacks for one kind of event. One that throws harms neither the others nor the one who tells them. */
export class Listeners<T> {
	readonly #callbacks = new Set<{ readonly call: (value: T) => void }>();

	/** Adds a callback. Returns a function that takes it away again. */
	add(call: (value: T) => void): () => void {
		const entry = { call };
		this.#callbacks.add(entry);
		return () => void this.#callbacks.delete(entry);
	}

	/** Calls everyone. What a callback throws goes to `thrown`; without it, it is dropped. */
	tell(value: T, thrown?: (error: unknown) => void): void {
		for (const { call } of [...this.#callbacks]) {
			try {
				call(value);
			} catch (error) {
				thrown?.(error);
			}
		}
	}
}

/** What was thrown, as an error: a receiver may throw anything. */
export function asError(thrown: unknown): Error {
	return thrown instanceof Error ? thrown : new Error(`a callback threw ${String(thrown)}`, { cause: thrown });
}
