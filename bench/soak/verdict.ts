/**
 * Whether memory stayed flat: a line is fitted through the last two thirds of the samples, as the first third belongs to
 * the compilers.
 */

import type { NodeName } from './orders.ts';
import { handlesOf, type Sample } from './sample.ts';

/** Both nodes at one time. */
export interface Moment {
	/** Seconds since the beginning. */
	readonly at: number;
	/** Messages handled so far, by both. */
	readonly messages: number;
	/** Messages a second since the moment before. */
	readonly rate: number;
	readonly nodes: Readonly<Record<NodeName, Sample>>;
}

/** One thing that was judged. */
export interface Verdict {
	readonly node: NodeName;
	readonly what: 'heap' | 'rss' | 'handles' | 'actors';
	readonly flat: boolean;
	/** In a line, for people. */
	readonly text: string;
	/** For memory: the fitted line, in bytes. */
	readonly level?: number;
	readonly perMinute?: number;
}

const KIB = 1_024;
const MIB = KIB * KIB;

/** Growth in a minute that is nobody's concern, as a part of the level. */
const DRIFT = 0.01;
/** The heap after a full collection is what is reachable. Below this, in bytes a minute, are the engine's own affairs. */
const HEAP_FLOOR = 100 * KIB;
/**
 * Resident memory is what the allocators have once needed at the same time, less what they feel like giving back. With a
 * heap that does not change it comes and goes in steps of tens of MiB: the young generation (3 × 16 MiB), pages that
 * wait to be unmapped, large messages and their pieces between pages that stay. Steps go both ways, a leak goes on. So
 * the fitted line may rise by this much, in bytes, over all of the fitted time, however long that is; in a run long
 * enough to tell, the same part of the level counts as for the heap.
 */
const RSS_STEP = 64 * MIB;
/** A timer more or less, a connection that is being renewed. */
const HANDFUL = 5;

/** What is to be said of a soak. */
export function judge(moments: readonly Moment[]): Verdict[] {
	return (['near', 'far'] as const).flatMap((node) => [heap, rss, handles, actors].map((one) => one(moments, node)));
}

function heap(moments: readonly Moment[], node: NodeName): Verdict {
	const { level, perMinute } = lineThrough(settled(moments), ({ nodes }) => nodes[node].heap);
	const bound = Math.max(level * DRIFT, HEAP_FLOOR);
	return memory(node, 'heap', level, perMinute, bound);
}

function rss(moments: readonly Moment[], node: NodeName): Verdict {
	const fitted = settled(moments);
	const { level, perMinute } = lineThrough(fitted, ({ nodes }) => nodes[node].rss);
	const minutes = ((fitted.at(-1) as Moment).at - (fitted[0] as Moment).at) / 60;
	return memory(node, 'rss', level, perMinute, Math.max(level * DRIFT, RSS_STEP / minutes));
}

function memory(node: NodeName, what: 'heap' | 'rss', level: number, perMinute: number, bound: number): Verdict {
	const flat = perMinute <= bound;
	const percent = ((perMinute / level) * 100).toFixed(2);
	const growth = `${signed(perMinute / KIB)} KiB a minute (${percent} % of ${(level / MIB).toFixed(1)} MiB)`;
	return { node, what, flat, text: `${growth}, at most ${Math.round(bound / KIB)}`, level, perMinute };
}

function handles(moments: readonly Moment[], node: NodeName): Verdict {
	const [first, last] = ends(moments, node);
	const [before, after] = [handlesOf(first), handlesOf(last)];
	const flat = after <= before + HANDFUL;
	const sorts = flat ? '' : `: ${JSON.stringify(first.handles)}, then ${JSON.stringify(last.handles)}`;
	return { node, what: 'handles', flat, text: `${before} at first, ${after} at last${sorts}` };
}

/** Those that stay, whatever came and went. */
function actors(moments: readonly Moment[], node: NodeName): Verdict {
	const [first, last] = ends(moments, node);
	const flat = first.actors === last.actors;
	return { node, what: 'actors', flat, text: `${first.actors} at first, ${last.actors} at last` };
}

function ends(moments: readonly Moment[], node: NodeName): readonly [first: Sample, last: Sample] {
	return [(moments[0] as Moment).nodes[node], (moments.at(-1) as Moment).nodes[node]];
}

function settled(moments: readonly Moment[]): readonly Moment[] {
	return moments.slice(Math.floor(moments.length / 3));
}

/** By least squares: its height in the middle, and its slope. */
function lineThrough(
	moments: readonly Moment[],
	value: (moment: Moment) => number,
): { readonly level: number; readonly perMinute: number } {
	const mean = (of: (moment: Moment) => number): number =>
		moments.reduce((sum, moment) => sum + of(moment), 0) / moments.length;
	const minutes = ({ at }: Moment): number => at / 60;
	const [time, level] = [mean(minutes), mean(value)];
	const slope = mean((one) => (minutes(one) - time) * (value(one) - level)) / mean((one) => (minutes(one) - time) ** 2);
	return { level, perMinute: slope };
}

function signed(value: number): string {
	return `${value > 0 ? '+' : ''}${Math.round(value)}`;
}
