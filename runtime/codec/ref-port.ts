/** The one thing the codec has to be told from above: what a ref is, and how one is made. */

/** How refs travel: the codec knows only that some class of objects are refs, and asks these three. */
export interface RefPort {
	/** Whether `value` is a ref. Asked for every object that is neither a plain object nor an array. */
	isRef(value: object): boolean;
	/** Plain data that says which actor the ref names. */
	toWire(ref: object): unknown[];
	/** The ref that such data names; throws `ERR_MALFORMED` when the parts are wrong, for they come from the wire. */
	fromWire(parts: unknown[]): object;
}
