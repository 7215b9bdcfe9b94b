/** Waiting for what must become true, without guessing how long it takes. */

/** Polls `condition`, `every` so many milliseconds, until it holds; throws, naming the condition, when it does not hold `within` milliseconds. */
export async function eventually(
	condition: () => boolean | Promise<boolean>,
	{ within = 5_000, every = 2 }: { readonly within?: number; readonly every?: number } = {},
): Promise<void> {
	const deadline = performance.now() + within;
	while (!(await condition())) {
		if (performance.now() > deadline) throw new Error(`not true within ${within} ms: ${condition}`);
		await new Promise((resolve) => setTimeout(resolve, every));
	}
}
