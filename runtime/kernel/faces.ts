/**
 * The `tell`, `send` and `ask` faces of a ref, compiled once per class: plain methods on three prototypes, so that a
 * call is a property look-up and a call. A Proxy stands behind them for names that the class, as far as this process
 * knows it, does not have.
 */

import { Handler, isMessageName } from './handler.ts';
import type { Ref } from './ref.ts';

/** The ref that a face belongs to; a symbol, so that no message name can collide with it. */
const REF: unique symbol = Symbol('ref');

/** A face as the runtime sees it. */
export interface Face {
	readonly [REF]: Ref;
}

/** The three ways to call, as methods of the ref. */
export type Way = 'post' | 'offer' | 'question';

class FaceBase implements Face {
	readonly [REF]: Ref;

	constructor(ref: Ref) {
		this[REF] = ref;
	}

	/** Faces have no other names than messages', so this is how they become text. */
	[Symbol.toPrimitive](): string {
		return `the messages of ${this[REF].path}`;
	}

	static {
		Object.setPrototypeOf(FaceBase.prototype, null);
		Reflect.deleteProperty(FaceBase.prototype, 'constructor');
	}
}

type FaceClass = new (ref: Ref) => Face;

/** Makes the faces of refs to one class. */
export class Faces {
	readonly #handlers: ReadonlyMap<string, Handler>;
	#tell: FaceClass = FaceBase;
	#send: FaceClass = FaceBase;
	#ask: FaceClass = FaceBase;

	constructor(handlers: ReadonlyMap<string, Handler>) {
		this.#handlers = handlers;
	}

	/** Builds the prototypes; called once the class's handlers are complete. */
	compile(): void {
		this.#tell = this.#face('post');
		this.#send = this.#face('offer');
		this.#ask = this.#face('question');
	}

	tell(ref: Ref): Face {
		return new this.#tell(ref);
	}

	send(ref: Ref): Face {
		return new this.#send(ref);
	}

	ask(ref: Ref): Face {
		return new this.#ask(ref);
	}

	#face(way: Way): FaceClass {
		const face = class extends FaceBase {};
		Object.setPrototypeOf(face.prototype, strangers(way));
		Reflect.deleteProperty(face.prototype, 'constructor');
		for (const handler of this.#handlers.values()) {
			Object.defineProperty(face.prototype, handler.name, { value: call(way, handler), enumerable: true });
		}
		return face;
	}
}

/** The faces of a class with these handlers. */
export function facesOf(handlers: ReadonlyMap<string, Handler>): Faces {
	return new Faces(handlers);
}

/**
 * Three times the same, because a call that is the same function for all ways is compiled well for none. Most messages
 * have one argument, none or two; `arguments`, unlike a rest parameter, makes no list of them.
 */
function call(way: Way, handler: Handler): (this: Face, ...args: unknown[]) => unknown {
	const { bare, listed } = handler;
	switch (way) {
		case 'post':
			return function (first, second) {
				const ref = this[REF];
				if (arguments.length === 1) ref.post(handler, first);
				else if (arguments.length === 0) ref.post(bare, undefined);
				else ref.post(listed, arguments.length === 2 ? [first, second] : slice.call(arguments));
			};
		case 'offer':
			return function (first, second) {
				const ref = this[REF];
				if (arguments.length === 1) return ref.offer(handler, first);
				if (arguments.length === 0) return ref.offer(bare, undefined);
				return ref.offer(listed, arguments.length === 2 ? [first, second] : slice.call(arguments));
			};
		case 'question':
			return function (first, second) {
				const ref = this[REF];
				if (arguments.length === 1) return ref.question(handler, first);
				if (arguments.length === 0) return ref.question(bare, undefined);
				return ref.question(listed, arguments.length === 2 ? [first, second] : slice.call(arguments));
			};
	}
}

const { slice } = Array.prototype;

/**
 * Stands behind the faces' prototypes, so that only a name they lack comes here. Any that could be a message is sent as
 * one, and it is the actor's to say that it is not: its class may be another than this process believes, or knows.
 */
function strangers(way: Way): object {
	return new Proxy(FaceBase.prototype, {
		get(base, name, face) {
			const known = typeof name !== 'string' || name in base || name === 'toJSON' || !isMessageName(name);
			return known ? Reflect.get(base, name, face) : call(way, new Handler(name)).bind(face as Face);
		},
	});
}

/** The faces of a class that this process does not have: any name that could be a message is one. */
export const looseFaces: Faces = new Faces(new Map());
looseFaces.compile();
