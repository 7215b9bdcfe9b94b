/** The defaults, each with its reason, and the few sizes that both ends of a wire must agree on. */

/** An ask's longest wait, in ms. Long enough for a retry over a reconnect, short enough for a person to wait. */
export const ASK_TIMEOUT = 5_000;

/** Messages a mailbox holds: some 10 MB of small messages, seconds of work for a busy actor. */
export const MAILBOX_CAPACITY = 65_536;

/** Sends that may wait at one full mailbox; each is a promise that some caller holds. */
export const WAITING_SENDS = 65_536;

/** Between heartbeats, in ms: a crash is noticed in two of them, and 50 nodes cost 50 small messages a second. */
export const HEARTBEAT = 1_000;

/** Heartbeats missed before a node is probed: one may be lost or late, two in a row are a sign. */
export const MISSED_HEARTBEATS = 2;

/** How long a node owns its IDs without renewing, in ms: longer than a garbage collection, a fail-over or a deploy's pause. */
export const LEASE = 10_000;

/** Part of the lease by which an owner stops early and a successor waits longer, for clocks that run unevenly. */
export const LEASE_MARGIN = 0.1;

/**
 * D: so long after the last proof that NATS knows it, in ms, a node acts as owner. A reconnect and a round trip take
 * milliseconds; this is an outage.
 */
export const SUSPEND_AFTER = 1_000;

/** Between the questions to NATS that bring that proof, in ms: three answers may be late or lost. */
export const CONTACT_PERIOD: number = SUSPEND_AFTER / 4;

/**
 * Others evict a node only when NATS has said "no responders" for SUSPEND_AFTER plus this, in ms: a handler that has begun
 * just before the fence came down has that long to end, and servers to tell each other of a node that has moved.
 */
export const EVICT_MARGIN = 250;

/** Bytes a link sends ahead of acknowledgement: 5 ms of loopback, 300 ms of a 100 Mbit/s line. */
export const LINK_WINDOW = 4 * 1024 * 1024;

/** Bytes that may wait for one peer, sent or not: an outage of a few seconds at full rate. */
export const OUTBOX = 64 * 1024 * 1024;

/** A frame's largest size in bytes; always below the server's max_payload (1 MiB by default), and short on the wire. */
export const FRAME = 256 * 1024;

/**
 * A frame with this many bytes is full: half of what nats-server and Node read a socket by. One that fits no read has to
 * be put together from two: with frames of 64 KiB, the server takes half as much time again, and tells come 15 % slower.
 */
export const FULL_FRAME = 32 * 1024;

/** A message's largest size in bytes. Beyond it a message is a file: put it in an object store and send its name. */
export const MAX_MESSAGE = 8 * 1024 * 1024;

/** A failover recipe's largest size in bytes: it is one value in JetStream KV, and so below the server's max_payload. */
export const MAX_RECIPE = 512 * 1024;

/** Beyond the lease, how long messages wait for the successor of an actor with failover, in ms: the time to notice and to claim. */
export const SUCCESSION = 5_000;

/** Wait for an acknowledgement before frames are sent again, in ms; many round trips, few users' patience. */
export const ACK_TIMEOUT = 500;

/** How long an actor may take to finish its message and its onStop when it is told to stop, in ms. */
export const STOP_GRACE = 10_000;

/** Longest wait for NATS at start, in ms: a broker that starts together with the node has time to come up. */
export const CONNECT_TIMEOUT = 10_000;

/** An ID's largest size in bytes: it fits a subject token even when every byte has to be escaped. */
export const MAX_ID_BYTES = 512;

/** The longest name that is taken from the wire, in UTF-16 units: the path of an actor below four others with the longest IDs. */
export const MAX_NAME = 8_192;

/** Messages one actor handles before another has its turn. */
export const TURN = 64;

/** Messages handled before the event loop may do I/O; what it has just read is handled in any case. */
export const MESSAGES_PER_TICK = 2_048;

/** Longest time in ms, as far as actors' turns allow, before the event loop may do I/O. */
export const MILLISECONDS_PER_TICK = 10;
