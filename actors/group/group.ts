/** A group as its users see it: actors of one class, on any nodes, that are called by a common name. */

import { TroupeError } from '../../runtime/core/errors.ts';
import type {
	ActorInstance,
	ActorRef,
	AnyRef,
	AskFace,
	CallOptions,
	SendFace,
	TellFace,
} from '../../runtime/core/protocol.ts';
import { type ActorClass, definitionOf } from '../../runtime/kernel/definition.ts';
import { kernelOf, ownResident } from '../../runtime/service-door.ts';
import type { ActorSystem } from '../../runtime/system.ts';
import { BadOption, optionGroup } from '../../supervisor/bad-option.ts';
import { milliseconds } from '../../supervisor/duration.ts';
import { heardByAll } from '../gossip.ts';
import { Crowd, CrowdRef, type Empty } from './crowd.ts';
import { GroupKeeper } from './group-keeper.ts';
import { groupsOf } from './groups.ts';
import { checkRoute, type Member, type Members, type Route } from './members.ts';
import { type Scatter, type ScatterOptions, scatter } from './scatter.ts';

/** How a handle calls the members of its group. */
export interface GroupOptions {
	/** Who gets a message. Default `'round-robin'`. */
	readonly route?: Route | undefined;
	/**
	 * What becomes of a message when the group has no members: `'fail'`, the default, makes it a dead letter `no-member`, and
	 * fails a send or ask with `ERR_NO_MEMBER`; `'wait'` keeps it until one joins, 65,536 at most.
	 */
	readonly empty?: Empty | undefined;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof GroupOptions>(['route', 'empty']);

/** A group, or a pool: actors that are called as one. */
export class Group<A extends ActorInstance> {
	/** Its name. */
	readonly name: string;
	protected readonly membersOf: Members;
	readonly #system: ActorSystem;
	readonly #kind: string;
	readonly #crowd: Crowd;
	readonly #one: ActorRef<A>;

	/** Called by the system. */
	constructor(
		system: ActorSystem,
		actor: ActorClass<A>,
		name: string,
		members: Members,
		known: () => boolean,
		options: GroupOptions = {},
	) {
		for (const key of Object.keys(optionGroup(options, 'options')))
			if (!OPTIONS.has(key))
				throw new BadOption(key, options[key as keyof GroupOptions], `one of ${[...OPTIONS].join(', ')}`);
		const { route = 'round-robin', empty = 'fail' } = options;
		if (empty !== 'fail' && empty !== 'wait') throw new BadOption('empty', empty, "'fail' or 'wait'");
		const kernel = kernelOf(system);
		const { kind, faces } = kernel.define(actor as ActorClass);
		this.name = name;
		this.#system = system;
		this.#kind = kind;
		this.membersOf = members;
		this.#crowd = new Crowd({ kernel, id: name, kind, members, route: checkRoute(route), empty, known });
		this.#one = new CrowdRef(this.#crowd, faces) as unknown as ActorRef<A>;
	}

	/** Fire and forget, to one member. */
	get tell(): TellFace<A> {
		return this.#one.tell;
	}

	/** To one member; resolves when the message is in its mailbox. */
	get send(): SendFace<A> {
		return this.#one.send;
	}

	/** To one member; resolves to its reply. `ERR_NO_MEMBER` when there is none. */
	get ask(): AskFace<A> {
		return this.#one.ask;
	}

	/** The same with other call options. */
	with(options: CallOptions): Pick<ActorRef<A>, 'tell' | 'send' | 'ask'> {
		return this.#one.with(options);
	}

	/** To every member there is now; nothing where there is none. */
	get broadcast(): TellFace<A> {
		const members = this.membersOf;
		return new Proxy(Object.create(null), {
			get: (_, name) =>
				typeof name === 'string' && name !== 'then'
					? (...args: unknown[]) => {
							for (const { ref } of members.all)
								(ref.tell as Record<string, (...args: unknown[]) => void>)[name]?.(...args);
						}
					: undefined,
		}) as TellFace<A>;
	}

	/**
	 * Asks every member there is now, and gathers as many replies as are wanted: `'all'` (the default), `'first'`,
	 * `'quorum'` (more than half) or a number.
	 *
	 * @throws `ERR_NO_MEMBER` when there are fewer members than replies wanted; `ERR_NO_QUORUM` when so many have failed, or
	 * not answered in time, that it cannot be enough any more, with the first failure as its cause.
	 */
	scatter(options: ScatterOptions = {}): Scatter<A> {
		return scatter<A>(this.name, this.membersOf, options);
	}

	/** The members as this node knows them. */
	members(): readonly Member[] {
		return this.membersOf.all.map(({ ref, node }) => ({ ref, node }));
	}

	/** Resolves when the group has so many members; `ERR_NO_MEMBER` when it has not in time (5 s by default). */
	atLeast(count: number, { timeout = '5s', signal }: CallOptions = {}): Promise<void> {
		const members = this.membersOf;
		const clock = kernelOf(this.#system).clock;
		return new Promise((resolve, reject) => {
			const end = (): void => {
				off();
				cancel();
				signal?.removeEventListener('abort', aborted);
			};
			const look = (): void => {
				if (members.length < count) return;
				end();
				resolve();
			};
			const late = (): void => {
				end();
				reject(new TroupeError('ERR_NO_MEMBER', `'${this.name}' has ${members.length} members, and not ${count}`));
			};
			const aborted = (): void => {
				end();
				reject(
					new TroupeError('ERR_ABORTED', `the wait for members of '${this.name}' was aborted`, {
						cause: signal?.reason,
					}),
				);
			};
			const cancel = clock.after(milliseconds(timeout, 'timeout'), late);
			const off = members.onChange(look);
			signal?.addEventListener('abort', aborted);
			if (signal?.aborted) aborted();
			else look();
		});
	}

	/** The actor is a member from now on, until it leaves or ends. Resolves when all nodes know, but for those that hang. */
	async join(ref: ActorRef<A> | AnyRef): Promise<void> {
		if (ref.kind !== this.#kind && ref.kind !== '')
			throw new BadOption('ref', ref.id, `an actor of kind '${this.#kind}', not '${ref.kind}'`);
		const keeper = ownResident(this.#system, GroupKeeper);
		await keeper.ask.join(this.name, ref as AnyRef);
		await heardByAll(keeper);
	}

	/** It is not any more. Call it on the node where it joined. */
	async leave(ref: ActorRef<A> | AnyRef): Promise<void> {
		const keeper = ownResident(this.#system, GroupKeeper);
		await keeper.ask.leave(this.name, ref as AnyRef);
		await heardByAll(keeper);
	}

	/** For whoever may have to look again. */
	protected look(): void {
		this.#crowd.look();
	}
}

/** The handle to a group of the cluster. */
export function groupIn<A extends ActorInstance>(
	system: ActorSystem,
	actor: ActorClass<A>,
	name: string,
	options: GroupOptions = {},
): Group<A> {
	definitionOf(actor as ActorClass);
	const groups = groupsOf(system);
	ownResident(system, GroupKeeper);
	return new JoinedGroup<A>(system, actor, name, groups.hold(name), () => groups.complete, options).begun(groups);
}

class JoinedGroup<A extends ActorInstance> extends Group<A> {
	begun(groups: { whenKnown(tell: () => void): void }): this {
		groups.whenKnown(() => this.look());
		return this;
	}
}
