/**
 * What outlives its content. When JetStream's state is lost, what was opened of it is gone for good; this is opened again, and
 * goes on in its next life, which `created` tells from the one before.
 */

/** Something of a store that is opened again when it is lost. */
export abstract class Lasting<T extends { readonly created: number }> {
	readonly #open: () => Promise<T>;
	#present: T;
	#opening: Promise<void> | undefined;

	protected constructor(open: () => Promise<T>, present: T) {
		this.#open = open;
		this.#present = present;
	}

	get created(): number {
		return this.#present.created;
	}

	/** In its present life. */
	protected get present(): T {
		return this.#present;
	}

	/**
	 * Moves on to the new life, if there is one. A read in the old one finds nothing there, which is no failure.
	 * Rejects when nobody can say which life it is in.
	 */
	lookAgain(): Promise<void> {
		this.#opening ??= this.#reopen().finally(() => {
			this.#opening = undefined;
		});
		return this.#opening;
	}

	/** A failure may mean that it has gone. If so, nothing of the operation is left, and it is done in the new one. */
	protected on<R>(operate: (present: T) => Promise<R>): Promise<R> {
		return this.onlyOn(operate, operate);
	}

	/** The same, but for what is done in the new one. */
	protected async onlyOn<R>(operate: (present: T) => Promise<R>, otherwise: (next: T) => Promise<R> | R): Promise<R> {
		const present = this.#present;
		try {
			return await operate(present);
		} catch (error) {
			await this.lookAgain().catch(() => {});
			if (this.#present === present) throw error;
			return otherwise(this.#present);
		}
	}

	async #reopen(): Promise<void> {
		const next = await this.#open();
		if (next.created !== this.#present.created) this.#present = next;
	}
}
