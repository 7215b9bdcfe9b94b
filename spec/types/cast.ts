/** The actors that the type specs talk about. */

import { Actor, type ActorRef } from '../../index.ts';

export class Counter extends Actor<{ start?: number }> {
	// Not a literal type: a subclass has a kind of its own.
	static readonly kind: string = 'counter';
	readonly label = 'a field is no message';
	#total = this.args.start ?? 0;

	add(by: number): number {
		this.#total += by;
		return this.#total;
	}

	get(): number {
		return this.#total;
	}

	reset(to?: number): void {
		this.#total = to ?? 0;
	}

	scale(by = 2, ...more: readonly number[]): bigint {
		return BigInt(more.reduce((product, factor) => product * factor, by));
	}

	async load(from: URL): Promise<Map<string, Date>> {
		return new Map([[from.href, new Date(0)]]);
	}

	/** An accessor is no message. */
	get doubled(): number {
		return this.#total * 2;
	}

	_internal(): void {}

	#secret(): void {}

	private hidden(): void {
		this.#secret();
	}

	protected guarded(): void {
		this.hidden();
	}

	override onStart(): void {}
}

export class LoudCounter extends Counter {
	static override readonly kind = 'loud-counter';

	shout(): string {
		return 'ten!';
	}
}

export class Greeter extends Actor {
	static readonly kind = 'greeter';

	greet(name: string): string {
		return `Hello, ${name}`;
	}
}

export class Account extends Actor<{ owner: string; limit?: number }> {
	static readonly kind = 'account';

	owner(): string {
		return this.args.owner;
	}
}

/** Two protocols that name each other. */
export class Ping extends Actor {
	static readonly kind = 'ping';

	start(other: ActorRef<Pong>): void {
		other.tell.pong(this.self, 1);
	}

	ping(from: ActorRef<Pong>, count: number): ActorRef<Pong> {
		from.tell.pong(this.self, count + 1);
		return from;
	}
}

export class Pong extends Actor {
	static readonly kind = 'pong';

	pong(from: ActorRef<Ping>, count: number): void {
		from.tell.ping(this.self, count);
	}
}

/** At the limits of inference. */
export class Odd extends Actor {
	static readonly kind = 'odd';

	echo<T>(value: T): T {
		return value;
	}

	parse(text: string): string;
	parse(text: string, radix: number): number;
	parse(text: string, radix?: number): string | number {
		return radix === undefined ? text : Number.parseInt(text, radix);
	}

	either(): Promise<number> | string {
		return 'now';
	}

	fail(): never {
		throw new Error('as typed');
	}
}
