/** The resident through which values come to a node, once, and are given to all who have subscribed there. */

import type { ActorRef, AnyRef } from '../../runtime/core/protocol.ts';
import { Gossip } from '../gossip.ts';
import type { Issue } from './subscription.ts';
import { topicsOf } from './topics.ts';

/** What a node is told of each value, or asked for. */
export interface Relay {
	publish(subject: string, value: unknown, node: string, number: number, at: number): void;
	last(pattern: string, count: number): readonly Issue[];
}

/** The relay of a node. Its entries are the patterns that it has subscribers for. */
export class TopicRelay extends Gossip<true> implements Relay {
	static readonly kind = 'troupe.topic.relay';

	/** A node's value. */
	publish(subject: string, value: unknown, node: string, number: number, at: number): void {
		topicsOf(this.system).give({ subject, value, node, number, at });
	}

	/** The last values that this node has published and kept, oldest first. */
	last(pattern: string, count: number): readonly Issue[] {
		return topicsOf(this.system).kept(pattern, count);
	}

	/** This node has a subscriber for the pattern, or has none any more. */
	want(pattern: string): void {
		if (!this.own.has(pattern)) this.put(pattern, true);
	}

	unwant(pattern: string): void {
		if (!topicsOf(this.system).wants(pattern)) this.drop(pattern);
	}

	/** Tells it when the actor has ended. */
	mind(ref: AnyRef): void {
		this.watch(ref);
	}

	protected override onTerminated(ref: AnyRef): void {
		topicsOf(this.system).ended(ref);
	}

	protected override onStop(): void {
		super.onStop();
		topicsOf(this.system).close();
	}

	protected override learned(node: string, pattern: string): void {
		if (node !== this.system.node.id)
			topicsOf(this.system).learned(node, pattern, this.peers.get(node) as unknown as ActorRef<Relay>);
	}

	protected override forgot(node: string, pattern: string): void {
		if (node !== this.system.node.id) topicsOf(this.system).forgot(node, pattern);
	}

	protected override complete(): void {
		topicsOf(this.system).known();
	}
}
