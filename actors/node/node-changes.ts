/** Who comes to the cluster, is suspected, and goes, as something to loop over. */

import type { ActorSystem } from '../../runtime/system.ts';
import { Subscription } from '../topic/subscription.ts';

/** A change of the cluster, as this node sees it. */
export interface NodeChange {
	/** `up`: it is there; again, when it was suspected and is there after all. */
	readonly change: 'up' | 'suspect' | 'down';
	/** The node's ID, and its name. */
	readonly node: string;
	readonly name: string;
	/** For `down`. */
	readonly reason?: 'left' | 'no-responders' | 'lease-expired' | undefined;
}

/** Changes that wait for a loop that does not come. */
const CAPACITY = 4_096;

/** The members there are, as `up`, and then each change. */
export function nodeChanges(
	system: ActorSystem,
	options: { readonly signal?: AbortSignal | undefined },
): AsyncIterable<NodeChange> {
	const offs: (() => void)[] = [];
	const changes = new Subscription<NodeChange>('nodes', { capacity: CAPACITY, ...options }, undefined, () => {
		for (const off of offs) off();
	});
	let number = 0;
	const give = (value: NodeChange): void =>
		changes.give({ subject: value.change, value, node: value.node, number: ++number, at: 0 });
	for (const { id, name, status } of system.nodes()) give({ change: status, node: id, name });
	const { events } = system;
	offs.push(
		events.on('nodeUp', ({ node, name }) => give({ change: 'up', node, name })),
		events.on('nodeTrusted', ({ node, name }) => give({ change: 'up', node, name })),
		events.on('nodeSuspect', ({ node, name }) => give({ change: 'suspect', node, name })),
		events.on('nodeDown', ({ node, name, reason }) => give({ change: 'down', node, name, reason })),
	);
	if (options.signal?.aborted) changes.close();
	return changes;
}
