/** `static messages`: schemas of any Standard Schema library, by message. */

import * as v from 'valibot';
import { Actor, type ActorSystem, type MessageSchema } from '../../index.ts';

declare const system: ActorSystem;

class Checked extends Actor {
	static readonly kind = 'checked';
	static readonly messages = {
		add: v.pipe(v.number(), v.integer()),
		move: [v.number(), v.optional(v.number(), 0)],
	};

	add(by: number): number {
		return by;
	}

	move(x: number, y?: number): void {
		void [x, y];
	}
}

class Unchecked extends Actor {
	static readonly kind = 'unchecked';
	static readonly messages = { add: (by: unknown) => typeof by === 'number' };

	add(by: number): number {
		return by;
	}
}

system.spawn(Checked);
// @ts-expect-error: a predicate is no Standard Schema
system.spawn(Unchecked);

const schema: MessageSchema = v.string();
// @ts-expect-error: nor is a class
const wrong: MessageSchema = String;

export { schema, wrong };
