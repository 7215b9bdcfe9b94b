/** What is known of a node. */

/** A member of the cluster. */
export interface NodeInfo {
	/** Its incarnation: a UUIDv7, new each time it joins. */
	readonly id: string;
	/** Its name, for people. */
	readonly name: string;
	readonly roles: readonly string[];
	/** Kinds of actors that other nodes may spawn there. */
	readonly kinds: readonly string[];
	/** `suspect`: it has been silent for longer than it should. */
	readonly status: 'up' | 'suspect';
}
