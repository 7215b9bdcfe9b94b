/** What a user's code returns may be a promise, or only look like one. */

/**
 * The promise behind a result, if it is one. A thenable that is no native promise is wrapped, and so is a promise with a
 * `then` of its own, so that one whose `then` throws rejects instead. May throw what a getter called `then` throws: call it where the user's code is called.
 */
export function promiseOf(result: unknown): Promise<unknown> | undefined {
	if ((typeof result !== 'object' && typeof result !== 'function') || result === null) return undefined;
	const { then } = result as { then?: unknown };
	if (typeof then !== 'function') return undefined;
	if (then === Promise.prototype.then && result instanceof Promise) return result;
	return new Promise((resolve) => resolve(result));
}
