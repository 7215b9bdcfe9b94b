/** A third connection, which sees what the server carries: figures that no noise can move. */

import { setTimeout as pause } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Figures } from '../workload.ts';
import type { Ask } from './asks.ts';
import type { Crossing } from './crossing.ts';
import { payloads, type Value } from './payloads.ts';

/** Nothing for so long, in ms: every delayed acknowledgement has been sent. */
const QUIET = 60;
/** Messages of one burst. */
const BURST = 1_000;
const ROUNDS = 5;

/** Counts NATS messages and their bytes. */
export class Spy {
	messages = 0;
	/** Subjects, reply subjects and payloads. */
	bytes = 0;
	readonly #connection: NatsConnection;

	private constructor(connection: NatsConnection) {
		this.#connection = connection;
	}

	/** Looks at the messages that `interests` it. */
	static async on(servers: string, interests: (subject: string) => boolean): Promise<Spy> {
		const connection = await connect({ servers });
		const spy = new Spy(connection);
		connection.subscribe('>', {
			callback: (error, { subject, reply, data }) => {
				if (error) throw error;
				if (!interests(subject)) return;
				spy.messages++;
				spy.bytes += subject.length + (reply?.length ?? 0) + data.length;
			},
		});
		await connection.flush();
		return spy;
	}

	/** Resolves when nothing comes any more. */
	async quiet(): Promise<void> {
		for (let seen = -1; seen !== this.messages; ) {
			seen = this.messages;
			await pause(QUIET);
		}
	}

	/** What one burst costs on average. */
	async burst(send: (count: number) => Promise<unknown>): Promise<{ messages: number; bytes: number }> {
		await send(BURST); // introductions and definitions
		await this.quiet();
		const before = { messages: this.messages, bytes: this.bytes };
		for (let round = 0; round < ROUNDS; round++) {
			await send(BURST);
			await this.quiet();
		}
		return { messages: (this.messages - before.messages) / ROUNDS, bytes: (this.bytes - before.bytes) / ROUNDS };
	}

	close(): Promise<void> {
		return this.#connection.close();
	}
}

/** What a thousand tells in one turn, and a thousand asks at once, are on the wire. */
export async function wireOf(
	{ far, brief }: Crossing<unknown>,
	interests: (subject: string) => boolean,
	tell: (value: Value) => void,
	ask: Ask,
): Promise<Figures> {
	const { make } = payloads.reading;
	const spy = await Spy.on(brief.servers, interests);
	let told = 0;
	try {
		const tells = await spy.burst((count) => {
			for (const end = told + count; told < end; told++) tell(make(told));
			return far.settle(told);
		});
		const asks = await spy.burst((count) => Promise.all(Array.from({ length: count }, (_, n) => ask(make(n)))));
		return { tell: tells.messages, 'tell bytes': tells.bytes, ask: asks.messages, 'ask bytes': asks.bytes };
	} finally {
		await spy.close();
	}
}
