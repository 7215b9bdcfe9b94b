/** A fixture that joins groups on the side where it is. */

import { Actor } from '../../../index.ts';
import { passing } from '../props.ts';

/** A member, who says who it is. */
export class Hand extends Actor {
	static readonly kind = 'hand';
	readonly #done: number[] = [];

	async join(group: string): Promise<void> {
		await this.system.group(Hand, group).join(this.self);
	}

	async leave(group: string): Promise<void> {
		await this.system.group(Hand, group).leave(this.self);
	}

	who(): string {
		return this.self.id;
	}

	work(n: number): string {
		this.#done.push(n);
		return this.self.id;
	}

	done(): readonly number[] {
		return this.#done;
	}

	/** Keeps it busy. */
	async hang(gate: string): Promise<void> {
		await passing(gate);
	}

	refuse(): never {
		throw new Error('I will not');
	}
}
