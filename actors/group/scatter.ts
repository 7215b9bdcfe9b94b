/** Questions to all members at once, and as many answers as are wanted. */

import { TroupeError } from '../../runtime/core/errors.ts';
import type { AskFace, CallOptions } from '../../runtime/core/protocol.ts';
import { BadOption } from '../../supervisor/bad-option.ts';
import type { Members } from './members.ts';

/** How many answers are wanted, and how long each is waited for. */
export interface ScatterOptions extends CallOptions {
	readonly gather?: 'all' | 'first' | 'quorum' | number | undefined;
}

/** The class's messages, each of which resolves to the replies of several members, in the order in which they came. */
export type Scatter<A> = {
	readonly [K in keyof AskFace<A>]: AskFace<A>[K] extends (...args: infer P) => Promise<infer R>
		? (...args: P) => Promise<readonly R[]>
		: never;
};

/** The faces of a question to all members. */
export function scatter<A>(name: string, members: Members, { gather = 'all', ...options }: ScatterOptions): Scatter<A> {
	const most = gather === 'all' || gather === 'first' || gather === 'quorum';
	if (!most && !(Number.isSafeInteger(gather) && gather >= 1))
		throw new BadOption('gather', gather, "'all', 'first', 'quorum' or a whole number of at least 1");
	return new Proxy(Object.create(null), {
		get: (_, message) =>
			typeof message === 'string' && message !== 'then'
				? (...args: unknown[]) => ask(name, members, gather, options, message, args)
				: undefined,
	}) as Scatter<A>;
}

function ask(
	name: string,
	members: Members,
	gather: 'all' | 'first' | 'quorum' | number,
	options: CallOptions,
	message: string,
	args: readonly unknown[],
): Promise<readonly unknown[]> {
	const all = members.all.map(({ ref }) => ref);
	const wanted =
		gather === 'all'
			? Math.max(1, all.length)
			: gather === 'first'
				? 1
				: gather === 'quorum'
					? (all.length >> 1) + 1
					: gather;
	if (all.length < wanted)
		return Promise.reject(
			new TroupeError(
				'ERR_NO_MEMBER',
				`'${name}' has ${all.length} members, and ${wanted} replies are wanted: let actors join it`,
			),
		);
	return new Promise((resolve, reject) => {
		const replies: unknown[] = [];
		let failed = 0;
		let first: unknown;
		for (const ref of all) {
			const face = ref.with(options).ask as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
			(face[message] as (...args: readonly unknown[]) => Promise<unknown>)(...args).then(
				(reply) => {
					if (replies.push(reply) === wanted) resolve([...replies]);
				},
				(error) => {
					first ??= error;
					if (all.length - ++failed < wanted)
						reject(
							new TroupeError(
								'ERR_NO_QUORUM',
								`'${message}' to '${name}': ${failed} of ${all.length} members failed, and ${wanted} replies are wanted`,
								{
									cause: first,
								},
							),
						);
				},
			);
		}
	});
}
