/** What is sent: five sizes of message, how many of each go out in a turn, and how many may be on their way. */

/** The message of most workloads: what an application would send, some 160 bytes of CBOR. */
export interface Reading {
	readonly id: string;
	readonly uuid: string;
	readonly n: number;
	readonly text: string;
}

export type Value = Reading | string | Uint8Array;

/** How a stream of messages is paced, the same for all contenders. */
export interface Pace {
	/** Messages sent in one turn of the event loop; the receiver reports after as many. */
	readonly perTurn: number;
	/** Messages sent and not yet reported: enough to keep everybody busy, and no more than a few MB. */
	readonly inFlight: number;
}

/** One kind of message. */
export interface Payload extends Pace {
	/** The `n`th of a stream. */
	readonly make: (n: number) => Value;
	/** What shows that the `n`th has arrived whole, and what an ask of it is answered with; see {@link proofOf}. */
	readonly proof: (n: number) => number;
}

/** What a receiver can tell of a message: its number, or where it has none, its length. */
export function proofOf(value: Value): number {
	return typeof value === 'object' && 'n' in value ? value.n : value.length;
}

/** Throws unless `value` is the `n`th of its stream. */
export function check(payload: Payload, value: Value, n: number): void {
	const [proof, expected] = [proofOf(value), payload.proof(n)];
	if (proof !== expected) throw new Error(`message ${n} arrived as ${proof} instead of ${expected}`);
}

const SMALL: Pace = { perTurn: 1_000, inFlight: 20_000 };

function readings(text: number): Pick<Payload, 'make' | 'proof'> {
	const rest = { uuid: '0198c0de-7a3b-7c51-9c1e-2f6a8b1d4e90', text: 'x'.repeat(text) };
	return { make: (n) => ({ id: 'sensor', uuid: rest.uuid, n, text: rest.text }), proof: (n) => n };
}

function constant(value: string | Uint8Array): Pick<Payload, 'make' | 'proof'> {
	return { make: () => value, proof: () => value.length };
}

/** By the names that the workloads and the far processes use. */
export const payloads = {
	'16': { ...constant('sixteen letters!'), ...SMALL },
	reading: { ...readings(100), ...SMALL },
	'1k': { ...readings(960), ...SMALL },
	'64k': { ...constant(Buffer.alloc(64 * 1024, 7)), perTurn: 16, inFlight: 256 },
	'4m': { ...constant(Buffer.alloc(4 * 1024 * 1024, 7)), perTurn: 1, inFlight: 4 },
} satisfies Record<string, Payload>;

export type PayloadName = keyof typeof payloads;
