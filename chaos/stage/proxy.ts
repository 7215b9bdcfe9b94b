/**
 * A TCP proxy before a server of this machine, and all that a network can do: hold everything back, or one direction only, be
 * slow, and reset connections. What is held back is not lost but delivered when the network heals, as TCP would.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

/** Seen from the one who connects: what it sends, what it gets, or both. */
export type Direction = 'out' | 'in' | 'both';

/** A proxy and its faults. */
export interface Wire extends AsyncDisposable {
	readonly port: number;
	/** Where it leads; for a server that gets its port later. */
	target: number;
	/** Delay in each direction, in ms. */
	latency: number;
	/** Holds back what goes that way from now on; who connects meanwhile gets silence. */
	cut(direction: Direction): void;
	/** Resets every connection, and all that are tried from now on: the network says at once that there is no way. */
	refuse(): void;
	/** Lets everything pass again, first what was held back. */
	heal(): void;
	/** Resets every connection that `chosen` picks (default all); resolves to how many. */
	reset(chosen?: () => boolean): number;
}

/** Starts a proxy on a free loopback port. */
export async function startProxy(target: number): Promise<Wire> {
	const proxy = new TcpProxy(target);
	await proxy.listen();
	return proxy;
}

class TcpProxy implements Wire {
	target: number;
	latency = 0;
	readonly #pairs = new Set<Pair>();
	readonly #server = createServer({ pauseOnConnect: true }, (near) => this.#join(near));
	#held: Direction | undefined;
	#refusing = false;

	constructor(target: number) {
		this.target = target;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	async listen(): Promise<void> {
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
	}

	cut(direction: Direction): void {
		this.#held = direction;
	}

	refuse(): void {
		this.#refusing = true;
		this.reset();
	}

	heal(): void {
		this.#refusing = false;
		this.#held = undefined;
		for (const { lanes } of this.#pairs) for (const lane of lanes) lane.flow();
	}

	reset(chosen = (): boolean => true): number {
		const picked = [...this.#pairs].filter(chosen);
		for (const { ends } of picked) for (const end of ends) end.resetAndDestroy();
		return picked.length;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = once(this.#server, 'close');
		this.#server.close();
		this.heal();
		this.reset();
		await closed;
	}

	#join(near: Socket): void {
		if (this.#refusing) return void near.resetAndDestroy();
		const far = dial(this.target, '127.0.0.1');
		const held = (way: Direction) => (): boolean => this.#held === way || this.#held === 'both';
		const delay = (): number => this.latency;
		const lanes = [new Lane(near, far, held('out'), delay), new Lane(far, near, held('in'), delay)];
		const pair: Pair = { ends: [near, far], lanes };
		this.#pairs.add(pair);
		for (const end of pair.ends) {
			end.setNoDelay(true);
			end.on('close', () => {
				if (pair.ends.every(({ destroyed }) => destroyed)) this.#pairs.delete(pair);
			});
		}
		near.resume();
	}
}

/** A connection: both ends of it, and what flows between them. */
interface Pair {
	readonly ends: readonly Socket[];
	readonly lanes: readonly Lane[];
}

/** One direction of a connection. Its end, too, is passed on only when everything before has been. */
class Lane {
	readonly #to: Socket;
	readonly #held: () => boolean;
	readonly #waiting: { readonly data: Buffer; readonly due: number }[] = [];
	#ended = false;
	#timer: NodeJS.Timeout | undefined;

	constructor(from: Socket, to: Socket, held: () => boolean, delay: () => number) {
		this.#to = to;
		this.#held = held;
		from.on('data', (data) => {
			this.#waiting.push({ data, due: performance.now() + delay() });
			this.flow();
		});
		from.on('error', () => {}); // 'close' follows
		from.on('close', () => {
			this.#ended = true;
			this.flow();
		});
	}

	/** Passes on what is due. */
	flow(): void {
		while (!this.#held() && !this.#to.destroyed) {
			const [first] = this.#waiting;
			if (!first) return void (this.#ended && this.#to.destroySoon());
			const wait = first.due - performance.now();
			if (wait > 0) {
				clearTimeout(this.#timer);
				this.#timer = setTimeout(() => this.flow(), wait);
				return;
			}
			this.#waiting.shift();
			this.#to.write(first.data);
		}
	}
}
