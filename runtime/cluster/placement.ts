/** Where an actor may live, and which of the nodes that may have it does: the same answer on every node that asks. */

import { createHash } from 'node:crypto';
import { BadOption } from '../../supervisor/bad-option.ts';
import type { NodeInfo } from '../core/node-info.ts';

/** Where in the cluster an actor may be: a node with that role, or the node of that name or ID. */
export type Placement = `role:${string}` | `node:${string}`;

/** Whether a node is among those that an `on` means. */
export type Among = (node: NodeInfo) => boolean;

/** What `on` means: `'role:<role>'`, or `'node:<name or ID>'`; without it, any node. `ERR_BAD_OPTION` for anything else. */
export function placementOf(on: unknown): Among {
	if (on === undefined) return () => true;
	const [, sort, name = ''] = (typeof on === 'string' && /^(role|node):(.+)$/s.exec(on)) || [];
	if (sort === 'role') return ({ roles }) => roles.includes(name);
	if (sort === 'node') return (node) => node.name === name || node.id === name;
	throw new BadOption('on', on, "'role:<role>' or 'node:<name or ID>'");
}

/**
 * The nodes in the order in which they are to have the actor of that ID: those that are heard from before those that are
 * suspected, and otherwise by rendezvous hashing of their names, which spreads IDs evenly and moves none that it need not:
 * a node that has been started again is preferred for what it was before.
 */
export function preferred(nodes: readonly NodeInfo[], id: string): readonly NodeInfo[] {
	const weight = new Map(nodes.map((node) => [node, weightOf(node, id)]));
	return nodes.toSorted((one, other) => ((weight.get(one) as string) < (weight.get(other) as string) ? -1 : 1));
}

function weightOf({ id: node, name, status }: NodeInfo, id: string): string {
	const hash = createHash('sha256').update(`${name}\n${id}`).digest('hex');
	return `${status === 'up' ? 0 : 1} ${hash} ${node}`;
}
