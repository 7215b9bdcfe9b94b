/**
 * One soak: two nodes in two processes under full load, which hold their breath for a sample now and then. Throws when a
 * message is lost, handled twice or a dead letter; leaves neither process behind.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { runName } from '../remote/crossing.ts';
import { checkBooks, handledBy } from './books.ts';
import type { Sample } from './sample.ts';
import { Side } from './side.ts';
import type { Moment } from './verdict.ts';

/** What a soak is given. */
export interface Conditions {
	/** The nats-server's URL. */
	readonly servers: string;
	readonly minutes: number;
	/** Ends the soak, with its reason. */
	readonly trouble: AbortController;
	/** Told of each sample. */
	readonly say: (moment: Moment) => void;
}

/** Between two samples, in s, and how many there are at least. */
const [INTERVAL, SAMPLES] = [10, 10];

/** All samples. */
export async function soak({ servers, minutes, trouble, say }: Conditions): Promise<readonly Moment[]> {
	const name = runName();
	using near = new Side({ servers, name, node: 'near' }, trouble);
	using far = new Side({ servers, name, node: 'far' }, trouble);
	const sides = [near, far] as const;
	const all = <T>(act: (side: Side) => Promise<T>): Promise<T[]> => Promise.all(sides.map(act));
	await all((side) => side.started());
	const rest = async (): Promise<readonly [near: Sample, far: Sample]> => {
		await all((side) => side.order('hold'));
		const samples = await Promise.all([near.sample(), far.sample()]);
		checkBooks(samples);
		return samples;
	};
	const seconds = minutes * 60;
	const count = Math.max(Math.round(seconds / INTERVAL), SAMPLES);
	const moments: Moment[] = [];
	await all((side) => side.order('begin'));
	let before = handledBy(await rest());
	const begun = performance.now();
	const now = (): number => (performance.now() - begun) / 1_000;
	for (let n = 1; n <= count; n++) {
		const since = now();
		await all((side) => side.order('resume'));
		await until(begun + (n * seconds * 1_000) / count, trouble.signal);
		const samples = await rest();
		const [at, messages] = [now(), handledBy(samples)];
		const moment = {
			at,
			messages,
			rate: (messages - before) / (at - since),
			nodes: { near: samples[0], far: samples[1] },
		};
		moments.push(moment);
		say(moment);
		before = messages;
	}
	await all((side) => side.end());
	return moments;
}

async function until(time: number, signal: AbortSignal): Promise<void> {
	const wait = Math.max(time - performance.now(), 0);
	await pause(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
}
