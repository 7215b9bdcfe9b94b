/** The actor through which a channel's home reaches one of its ends: it hands on what it is told, and lends the end a clock. */

import { TroupeError } from '../../runtime/core/errors.ts';
import type { ActorRef, AnyRef } from '../../runtime/core/protocol.ts';
import type { Termination } from '../../runtime/kernel/control.ts';
import { QUIET } from '../../runtime/kernel/definition.ts';
import { clockOf, codecOf } from '../../runtime/service-door.ts';
import { stop } from '../../supervisor/directive.ts';
import { Actor } from '../actor.ts';
import type { ChannelHome, NearHome } from './channel-home.ts';
import { Endpoint, type Membership, type Stand } from './endpoint.ts';
import type { Settled } from './steps.ts';

/** What an end is spawned with. It never travels. */
export interface ChannelEndArgs {
	readonly name: string;
	readonly home: ActorRef<ChannelHome>;
	/** The home, where it is in this process. */
	readonly near: () => NearHome | undefined;
	/** Is given the end when it has joined. */
	readonly ready: (endpoint: Endpoint) => void;
	/** Where the numbers of its steps begin. */
	readonly from: number;
	/** Another end of the same channel, where that is by now. */
	readonly again: () => Promise<Endpoint>;
	readonly gone: () => void;
}

/** An end of a channel as its home knows it. */
export class ChannelEnd extends Actor<ChannelEndArgs> {
	static readonly kind = 'troupe.channel.end';
	static readonly supervision = stop();
	static readonly [QUIET] = true;
	#endpoint: Endpoint | undefined;

	/** No `async` function: where none has run, Node makes promises without looking after their contexts, at half the cost. */
	protected override onStart(): Promise<void> {
		return this.args.home.ask.join(this.self).then((membership) => this.#joined(membership));
	}

	#joined(membership: Membership): void {
		const { name, home, near, ready } = this.args;
		const lasts = membership.durable && membership.redeliver;
		const [clock, codec] = [clockOf(this.system), codecOf(this.system)];
		const stand: Stand = {
			node: this.system.node.id,
			// Steps at a channel that goes on by itself outlive this end of it.
			after: lasts ? (delay, run) => clock.after(delay, run) : (delay, run) => this.timers.once(delay, run),
			random: () => clock.random(),
			sizeOf: (value) => codec.encode(value).length,
			from: this.args.from,
			again: this.args.again,
		};
		this.#endpoint = new Endpoint(name, home, stand, membership, near());
		this.watch(home);
		ready(this.#endpoint);
	}

	settled(settled: Settled): void {
		this.#endpoint?.settled(settled);
	}

	lock(number: number, lock: number): void {
		this.#endpoint?.lock(number, lock);
	}

	release(number: number): void {
		this.#endpoint?.release(number);
	}

	protected override onTerminated(_home: AnyRef, { reason }: Termination): void {
		const down = reason === 'node-down';
		this.#end(
			new TroupeError(
				down ? 'ERR_NODE_DOWN' : 'ERR_STOPPED',
				`channel '${this.args.name}' is gone, with what it held: ${down ? 'its node died' : 'it was stopped, or its node'}. ` +
					'system.channel() makes it anew',
				{ actor: this.args.home.id },
			),
		);
		void this.self.stop().catch(() => {});
	}

	protected override onStop(): void {
		this.#end(
			new TroupeError('ERR_SYSTEM_STOPPED', `the system has been stopped, and its end of channel '${this.args.name}'`),
		);
	}

	#end(error: TroupeError): void {
		this.args.gone();
		this.#endpoint?.end(error);
	}
}
