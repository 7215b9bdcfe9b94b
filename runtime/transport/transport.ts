/**
 * The transport port: bytes to a subject, at most once. It promises nothing about delivery, on purpose: NATS drops what
 * is published while it is away and still returns. Links own delivery. The NATS and memory twins pass one contract suite.
 */

/** What a message handler receives. `data` is its own: nobody changes it afterwards. */
export type Receive = (data: Uint8Array, subject: string, replyTo: string | undefined) => void;

/** Whether the transport can carry messages now. `closed` is final. */
export type TransportState = 'connected' | 'disconnected' | 'closed';

/** What came back from a probe: somebody answered, the broker says nobody listens, or nothing was heard in time. */
export type ProbeResult = 'answered' | 'no-responders' | 'silent';

/** A connection to a broker. */
export interface Transport {
	readonly state: TransportState;
	/** Whether messages come with the I/O of the event loop, and not from one microtask to the next. */
	readonly byIo: boolean;
	/** Largest payload in bytes that {@link Transport.publish} takes now; it may change on reconnect. */
	readonly maxPayload: number;
	/** Where it is connected, for people: `nats://127.0.0.1:4222`. */
	readonly address: string;
	/**
	 * Hands `data` over: it must hold the same message until that has arrived, or for ever if nothing tells. Lost when not
	 * connected. Never throws for that.
	 */
	publish(subject: string, data: Uint8Array): void;
	/**
	 * Whether the broker is as large as it ever was. If not, "no responders" says less: a server that the others have lost may
	 * go on, and its clients with it. `false` where nobody can tell.
	 */
	readonly whole: boolean;
	/** Calls `publishes`, and puts what it publishes into one write, where that is worth something. */
	together(publishes: () => void): void;
	/** Calls `receive` for each message to `subject` (wildcards allowed). Returns a function that ends it. */
	subscribe(subject: string, receive: Receive): () => void;
	/**
	 * Asks whether anybody listens on `subject`. The listener gets an empty message with a reply subject, and answers by
	 * publishing anything to it. Resolves in at most `timeout` milliseconds; never rejects.
	 */
	probe(subject: string, timeout: number): Promise<ProbeResult>;
	/** Calls `changed` whenever {@link Transport.state} changes. Returns a function that ends it. */
	onState(changed: (state: TransportState) => void): () => void;
	/** Calls `problem` for what the broker reports on the side: permission violations, slow consumer, other errors. */
	onProblem(problem: (error: Error) => void): () => void;
	/** Resolves when everything published before is on its way (or the transport is not connected). */
	flush(): Promise<void>;
	/** Takes the connection for lost now, if there is another server to go to. */
	forsake(): void;
	/** Sends what is buffered, ends all subscriptions and disconnects. */
	close(): Promise<void>;
}
