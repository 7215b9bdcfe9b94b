/** The child's end of the channel: carries out orders as they come, any number at a time, and ends with the driver. */

/** What a child can be told to do, by name. */
export type Orders = Readonly<Record<string, (...args: never[]) => unknown>>;

/** One order on its way. */
export interface Order {
	readonly number: number;
	readonly name: string;
	readonly args: readonly unknown[];
}

/** What came of it. */
export interface Answer {
	readonly value?: unknown;
	readonly failed?: string;
}

/** Obeys until the driver lets go. */
export function obey(orders: Orders): void {
	process.on('message', async ({ number, name, args }: Order) => {
		const answer = await carryOut(orders, name, args);
		process.send?.({ number, ...answer }, () => {}); // a driver that is gone wants no answer
	});
	process.on('disconnect', () => process.exit());
}

async function carryOut(orders: Orders, name: string, args: readonly unknown[]): Promise<Answer> {
	try {
		return { value: await orders[name]?.(...(args as never[])) };
	} catch (error) {
		return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
	}
}
