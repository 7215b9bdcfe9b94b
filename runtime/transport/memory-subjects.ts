/**
 * Who listens to what. Subjects are tokens between dots; in a pattern `*` stands for one token and a final `>` for one
 * or more, as in NATS. Exact subjects, which is nearly all of them, are found by one look into a map.
 */

/** A set of items, each filed under a subject or pattern. */
export class SubjectTable<T> {
	readonly #exact = new Map<string, Set<T>>();
	#patterns: { readonly tokens: readonly string[]; readonly item: T }[] = [];

	/** Files `item` under `pattern`. Returns a function that takes it out again. */
	add(pattern: string, item: T): () => void {
		if (!/(^|\.)[*>](\.|$)/.test(pattern)) return this.#addExact(pattern, item);
		const entry = { tokens: pattern.split('.'), item };
		this.#patterns.push(entry);
		return () => {
			this.#patterns = this.#patterns.filter((other) => other !== entry);
		};
	}

	/** The items whose subject or pattern covers `subject`. */
	match(subject: string): T[] {
		const found = [...(this.#exact.get(subject) ?? [])];
		if (this.#patterns.length > 0) {
			const tokens = subject.split('.');
			for (const pattern of this.#patterns) if (covers(pattern.tokens, tokens)) found.push(pattern.item);
		}
		return found;
	}

	#addExact(subject: string, item: T): () => void {
		const items = this.#exact.get(subject) ?? new Set<T>();
		this.#exact.set(subject, items.add(item));
		return () => {
			items.delete(item);
			if (items.size === 0 && this.#exact.get(subject) === items) this.#exact.delete(subject);
		};
	}
}

function covers(pattern: readonly string[], subject: readonly string[]): boolean {
	for (const [place, token] of pattern.entries()) {
		if (token === '>') return subject.length > place;
		if (place >= subject.length || (token !== '*' && token !== subject[place])) return false;
	}
	return pattern.length === subject.length;
}
