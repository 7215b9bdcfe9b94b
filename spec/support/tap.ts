/** A way to the link inside a node, for specs that play a hostile peer. */

import type { ActorSystem } from '../../index.ts';
import { Link } from '../../runtime/link/link.ts';

const links = new Map<string, Link>();
const begin = Link.prototype.begin;

/** Notes each link by its two ends when it is first written to. */
Link.prototype.begin = function (this: Link) {
	links.set(this.ends, this);
	return begin.call(this);
};

/** The link from `system` to the node `peer`; it must have been used. */
export function tap(system: ActorSystem, peer: string): Link {
	const link = links.get(`${system.node.id} ${peer}`);
	if (!link) throw new Error('that link has not been used');
	return link;
}
