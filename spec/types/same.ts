/** Exact equality of types, for specs: assignability alone would let `any` pass for everything. */

/** `true` when both are the same type, `any` and `never` included. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`: `is<Same<X, Y>>()`. */
export function is<T extends true>(): T {
	return true as T;
}
