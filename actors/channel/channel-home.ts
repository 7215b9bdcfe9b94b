/**
 * The actor that a channel is. It lives where the channel was first asked for; all ends reach it by messages, but for what
 * an end of the same process can do without anybody else being told.
 */

import type { ActorRef, AnyRef } from '../../runtime/core/protocol.ts';
import { bounded } from '../../runtime/mailbox/mailbox-spec.ts';
import { gauge, logbookOf } from '../../runtime/service-door.ts';
import { stop } from '../../supervisor/directive.ts';
import { Actor, mayActNow } from '../actor.ts';
import type { ChannelEnd } from './channel-end.ts';
import { ChannelLog } from './channel-log.ts';
import { ChannelState, type ChannelTerms } from './channel-state.ts';
import { Party } from './party.ts';
import type { ChannelStat, Steps } from './steps.ts';

/** What a home is spawned with. It never travels. */
export interface ChannelHomeArgs extends ChannelTerms {
	/** Is given the home when it has started. */
	readonly ready: (home: NearHome) => void;
	readonly gone: () => void;
}

/** The home of a channel, for ends in the same process. */
export interface NearHome {
	readonly state: ChannelState;
	/** Whether it may act at this instant: its node may have lost the right to. */
	mayAct(): boolean;
	partyOf(member: number): Party | undefined;
}

/** Before the name of a channel, in the ID of its home. */
export const PREFIX = 'channel/';

/** What a record of one value has beside it, in bytes. */
const FRAME = 1_024;

/** Messages of ends that wait for a turn here: an end sends one at a time, but for what is about choices. */
const MAILBOX = 1_048_576;

/** The one actor behind all ends of a channel. */
export class ChannelHome extends Actor<ChannelHomeArgs> {
	static readonly kind = 'troupe.channel';
	static readonly mailbox = bounded({ capacity: MAILBOX });
	static readonly supervision = stop();
	readonly #state = new ChannelState(this.args);
	readonly #parties = new Map<number, Party>();
	#members = 0;
	#stopped = false;
	#log: ChannelLog | undefined;
	/** Ends the telling of its figures. */
	#gauge: (() => void) | undefined;
	/** The largest value that a durable channel takes. */
	#mostBytes = Number.POSITIVE_INFINITY;

	/** A new end; its number here, and what the channel is made with. */
	join(end: ActorRef<ChannelEnd>): ChannelTerms & { readonly member: number; readonly mostBytes: number } {
		const member = ++this.#members;
		this.#parties.set(member, new Party(end));
		this.watch(end);
		const { capacity, redeliver, durable } = this.args;
		return { capacity, redeliver, durable, member, mostBytes: this.#mostBytes };
	}

	/** Steps of an end. */
	act(steps: Steps): void {
		const party = this.#parties.get(steps.member);
		if (party) this.#state.act(party, steps);
	}

	/** An end of this process has sent values at once, and somebody waits for them. */
	serve(): void {
		this.#state.serve();
	}

	/** An end takes a step back, if it still waits. */
	withdraw(member: number, number: number): void {
		const party = this.#parties.get(member);
		if (party) this.#state.withdraw(party, number);
	}

	/** The answer to a lock that this channel has asked for. */
	locked(lock: number, granted: boolean): void {
		this.#state.locked(lock, granted);
	}

	/** An end is done with values that it has got. */
	confirm(member: number, numbers: readonly number[]): void {
		const party = this.#parties.get(member);
		if (party) this.#state.confirm(party, numbers);
	}

	/** An end gives back values that it has got: they are given to others, before all that are held. */
	giveBack(member: number, numbers: readonly number[]): void {
		const party = this.#parties.get(member);
		if (party) this.#state.giveBack(party, numbers);
	}

	/** Of the values that an end was given ahead, so many have been taken, and the others are not going to be. */
	took(member: number, number: number, count: number): void {
		const party = this.#parties.get(member);
		if (party) this.#state.took(party, number, count);
	}

	stat(): ChannelStat {
		return this.#state.stat();
	}

	protected override onStart(): void | Promise<void> {
		if (this.args.durable) return this.#recover().then(() => this.#begin());
		this.#begin();
	}

	#begin(): void {
		this.#gauge = gauge(this.system, 'channel', this.self.id.slice(PREFIX.length), () => figuresOf(this.#state.stat()));
		this.args.ready({
			state: this.#state,
			mayAct: () => !this.#stopped && mayActNow(this),
			partyOf: (member) => this.#parties.get(member),
		});
	}

	/** It is what its log says. Who has been superseded has nothing more to say: whoever waits here is told by its end. */
	async #recover(): Promise<void> {
		const book = await logbookOf(this.system, this.self.id);
		const log = new ChannelLog(book, this.self.id, () => void this.self.stop().catch(() => {}));
		this.#log = log;
		this.#mostBytes = book.maxBytes - FRAME;
		this.#state.restore(log, await log.open(), new Party(this.self as never));
	}

	/** An end is gone, with its node or by itself. */
	protected override onTerminated(end: AnyRef): void {
		for (const [member, party] of this.#parties) {
			if (!party.end.equals(end)) continue;
			this.#parties.delete(member);
			this.#state.depart(party);
		}
	}

	protected override onStop(): void | Promise<void> {
		this.#stopped = true;
		this.#gauge?.();
		this.args.gone();
		if (this.#log) return this.#log.close(this.#state.drained);
		const values = this.#state.length;
		if (values > 0) this.log.warn('CHANNEL_LOST', { values, remedy: 'drain a channel before its node stops' });
	}
}

function figuresOf({ length, sent, received, lost, waiting }: ChannelStat): Readonly<Record<string, number>> {
	return { length, sent, received, lost, 'waiting to send': waiting.sends, 'waiting to receive': waiting.receives };
}
