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

/** Somebody who has subscribed, or publishes, on the side where it is. */
export class Reader extends Actor {
	static readonly kind = 'reader';
	readonly #read: unknown[] = [];

	async subscribe(topic: string): Promise<void> {
		await this.system.topic(topic).subscribe(this.self, 'read').ready;
	}

	read(value: unknown, subject: string): void {
		this.#read.push([subject, value]);
	}

	all(): readonly unknown[] {
		return this.#read;
	}

	publish(topic: string, values: readonly unknown[], retain = 0): void {
		for (const value of values) this.system.topic(topic, { retain }).publish(value);
	}
}
