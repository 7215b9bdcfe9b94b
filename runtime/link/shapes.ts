/**
 * The shapes of messages: most messages of one name carry an object with the same keys in the same order. Once two in a
 * row have, the keys are defined on the link, like targets and names, and only values travel. What a peer defines
 * belongs to its link: nobody can change what another's keys are.
 */

/** How arguments begin that are one object of a defined shape; no CBOR begins so. */
export const SHAPED = 0xff;

/** Shapes that a link keeps. Messages beyond that say their keys each time. */
export const MOST_SHAPES = 256;

/** How surprising a message may be: other keys than expected count {@link SURPRISE}, the expected ones take 1 off. */
const PATIENCE = 16;
const SURPRISE = 2;

/** What is known of the objects that one message carries. */
export interface Shape {
	/** By which the peer knows it; 0 when it does not. */
	number: number;
	keys: readonly string[];
	surprises: number;
}

/** The shapes of what we send. */
export class Shapes {
	/** By the numbers of messages; one that gets the number of another inherits what is known of it. */
	readonly #shapes: (Shape | undefined)[] = [];
	readonly #defined: (readonly string[])[] = [];

	/** The shape that the peer knows of a message. */
	of(method: number): Shape | undefined {
		const shape = this.#shapes[method];
		return shape !== undefined && shape.number > 0 ? shape : undefined;
	}

	/** Whether it is worth looking at what a message without a shape carries. */
	curious(method: number): boolean {
		const shape = this.#shapes[method];
		return shape === undefined ? this.#defined.length < MOST_SHAPES : shape.surprises < PATIENCE;
	}

	/**
	 * Takes note of what a message without a shape carries: an object's keys, or `undefined` for what cannot have one.
	 * Returns the shape when it is worth telling the peer, by the number it has now.
	 */
	learn(method: number, keys: readonly string[] | undefined): Shape | undefined {
		const known = this.#shapes[method];
		const shape = known ?? { number: 0, keys: keys ?? [], surprises: 0 };
		this.#shapes[method] = shape;
		if (keys === undefined) shape.surprises += SURPRISE;
		else if (known !== undefined && this.#defined.length < MOST_SHAPES && same(known.keys, keys)) {
			shape.number = this.#defined.push(keys);
			return shape;
		} else if (known !== undefined) {
			shape.keys = keys;
			shape.surprises += SURPRISE;
		}
		return undefined;
	}

	/** An object had the keys of its shape. */
	met(shape: Shape): void {
		if (shape.surprises > 0) shape.surprises--;
	}

	/** An object had others: where that goes on, its message has no shape any more. */
	missed(shape: Shape): void {
		shape.surprises += SURPRISE;
		if (shape.surprises >= PATIENCE) shape.number = 0;
	}

	/** The keys behind a number. */
	keys(number: number): readonly string[] | undefined {
		return this.#defined[number - 1];
	}
}

function same(one: readonly string[], other: readonly string[]): boolean {
	return one.length === other.length && one.every((key, index) => key === other[index]);
}
