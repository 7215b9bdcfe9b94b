/**
 * Whom a failed child takes along. The three strategies are those of OTP's supervisor: `one_for_one`, `one_for_all`
 * (here all-for-one) and `rest_for_one`.
 */

import { BadOption, optionGroup } from './bad-option.ts';
import { type LimitOptions, limitOf } from './intensity.ts';

/** Who restarts when one child fails: only it; all children; or it and those started after it. */
export type StrategyKind = 'one-for-one' | 'all-for-one' | 'rest-for-one';

/**
 * How a supervisor treats its children as a whole. `maxRestarts` and `within` (milliseconds) limit the failures of all
 * children together, one for each failure however many children restart with it; past the limit the supervisor itself
 * fails. Both are present or both absent: absent, only each child's own limit counts.
 */
export interface Strategy {
	readonly kind: StrategyKind;
	readonly maxRestarts?: number;
	readonly within?: number;
}

/** Only the child that failed restarts: for children that do not depend on each other. See {@link Strategy} for limits. */
export function oneForOne(options: LimitOptions = {}): Strategy {
	return strategy('one-for-one', options, 'oneForOne');
}

/** All children restart when one fails: for children that share a state none can do without the others. */
export function allForOne(options: LimitOptions = {}): Strategy {
	return strategy('all-for-one', options, 'allForOne');
}

/** The failed child and those started after it restart: for children of which each uses the ones before. */
export function restForOne(options: LimitOptions = {}): Strategy {
	return strategy('rest-for-one', options, 'restForOne');
}

/** `kind`, as one may be derived from another. */
const OPTIONS = ['kind', 'maxRestarts', 'within'];

function strategy(kind: StrategyKind, options: LimitOptions, option: string): Strategy {
	const { maxRestarts, within } = optionGroup(options, option, OPTIONS);
	const limited = maxRestarts !== undefined || within !== undefined;
	return Object.freeze({ kind, ...(limited ? limitOf(options, option) : {}) });
}

/** The strategy, checked by shape; `ERR_BAD_OPTION`, naming `option`, for anything else, such as a forgotten call. */
export function checkStrategy(value: unknown, option: string): Strategy {
	const { kind } = (value ?? {}) as Partial<Strategy>;
	if (kind === 'one-for-one' || kind === 'all-for-one' || kind === 'rest-for-one')
		return strategy(kind, value as Strategy, option);
	throw new BadOption(option, value, 'oneForOne(), allForOne() or restForOne()');
}

/**
 * The children that restart because `failed` did, in start order; stop them in reverse. Nobody, when `failed` is not
 * among `children`: it has left meanwhile. A new array, so that children may come and go while it is worked through.
 * Those of them that are temporary are stopped and not started again: ask `restartsWithSiblings`.
 */
export function affected<T>(strategy: Strategy, children: readonly T[], failed: T): readonly T[] {
	const position = children.indexOf(failed);
	if (position < 0) return [];
	switch (strategy.kind) {
		case 'one-for-one':
			return [failed];
		case 'all-for-one':
			return children.slice();
		case 'rest-for-one':
			return children.slice(position);
	}
}
