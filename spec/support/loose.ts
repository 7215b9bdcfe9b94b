/** Calls by any name at all, as a program without types or a forged peer would make them. */

import type { ActorSystem } from '../../index.ts';
import { Handler } from '../../runtime/kernel/handler.ts';
import type { Ref } from '../../runtime/kernel/ref.ts';
import { Counter } from './cast/messages.ts';

/** A ref without a face. */
export class Loose {
	readonly #ref: Ref;

	private constructor(ref: Ref) {
		this.#ref = ref;
	}

	/** The actor of that ID, reached past all faces. */
	static refTo(system: ActorSystem, id: string): Loose {
		return new Loose(system.ref(Counter, id) as unknown as Ref);
	}

	tell(name: string, ...args: unknown[]): void {
		this.#ref.post(new Handler(name).listed, args);
	}

	send(name: string, ...args: unknown[]): Promise<unknown> {
		return this.#ref.offer(new Handler(name).listed, args);
	}

	ask(name: string, ...args: unknown[]): Promise<unknown> {
		return this.#ref.question(new Handler(name).listed, args);
	}
}
