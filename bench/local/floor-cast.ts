/** The floor's actors: the messages are small objects, and the one switch that is needed is an if. */

import { AsyncFloorActor, BoundedFloorActor, FloorActor } from './floor-actor.ts';
import type { Latch } from './latch.ts';

type CounterMessage =
	| { readonly type: 'add'; readonly by: number }
	| { readonly type: 'addAndGet'; readonly by: number; readonly reply: (total: number) => void };

export class Counter extends FloorActor<CounterMessage> {
	readonly #latch: Latch;
	#total = 0;

	constructor(latch: Latch) {
		super();
		this.#latch = latch;
	}

	/** The resolver travels in the message. */
	ask(by: number): Promise<number> {
		return new Promise((reply) => this.tell({ type: 'addAndGet', by, reply }));
	}

	protected receive(message: CounterMessage): void {
		this.#total += message.by;
		this.#latch.count(message.by);
		if (message.type === 'addAndGet') message.reply(this.#total);
	}
}

interface Add {
	readonly type: 'add';
	readonly by: number;
}

const resolved = Promise.resolve();

export class AsyncCounter extends AsyncFloorActor<Add> {
	readonly #latch: Latch;

	constructor(latch: Latch) {
		super();
		this.#latch = latch;
	}

	protected async receive({ by }: Add): Promise<void> {
		await resolved;
		this.#latch.count(by);
	}
}

export class BoundedCounter extends BoundedFloorActor<Add> {
	readonly #latch: Latch;

	constructor(capacity: number, latch: Latch) {
		super(capacity);
		this.#latch = latch;
	}

	protected receive({ by }: Add): void {
		this.#latch.count(by);
	}
}

export class Sender extends FloorActor<{ readonly type: 'start'; readonly count: number }> {
	readonly #to: Counter;

	constructor(to: Counter) {
		super();
		this.#to = to;
	}

	protected receive({ count }: { readonly count: number }): void {
		for (let i = 0; i < count; i++) this.#to.tell({ type: 'add', by: 1 });
	}
}

interface Hop {
	readonly type: 'hop';
	readonly left: number;
}

export class Link extends FloorActor<Hop> {
	next: Link | undefined;
	readonly #latch: Latch;

	constructor(latch: Latch) {
		super();
		this.#latch = latch;
	}

	protected receive({ left }: Hop): void {
		this.#latch.count(1);
		if (left > 1) this.next?.tell({ type: 'hop', left: left - 1 });
	}
}

export class Blank extends FloorActor<{ readonly type: 'mark' }> {
	readonly id: string;
	readonly #latch: Latch;

	constructor(id: string, latch: Latch) {
		super();
		this.id = id;
		this.#latch = latch;
	}

	protected receive(): void {
		this.#latch.count(1);
	}
}
