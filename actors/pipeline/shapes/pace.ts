/** How fast elements go on, how long they may let wait for themselves, and how many there may be. */

import { TroupeError } from '../../../runtime/core/errors.ts';
import { Shelf } from '../shelf.ts';
import type { Batch, Stand } from '../stream.ts';
import { type Shape, streamOf } from './shape.ts';

/** A token bucket: `rate` elements in `per` ms, and `burst` at once after a pause. */
export function rateLimit(rate: number, per: number, burst: number): Shape {
	return ([upstream], stand) => {
		const shelf = new Shelf();
		let [tokens, filled] = [burst, stand.now()];
		const fill = (): void => {
			const now = stand.now();
			tokens = Math.min(burst, tokens + ((now - filled) * rate) / per);
			filled = now;
		};
		return streamOf([upstream as never], async () => {
			while (shelf.length === 0) {
				const batch = await upstream?.next();
				if (!batch) return undefined;
				shelf.put(batch);
			}
			for (fill(); tokens < 1; fill()) await pause(stand, ((1 - tokens) * per) / rate);
			const batch = shelf.take(Math.floor(tokens));
			tokens -= batch.values.length;
			return batch;
		});
	};
}

/** One element in `span` ms, the first to come; others are dropped. */
export function throttle(span: number): Shape {
	return ([upstream], stand) => {
		let open = Number.NEGATIVE_INFINITY;
		return streamOf([upstream as never], async () => {
			const batch = await upstream?.next();
			if (!batch) return undefined;
			const now = stand.now();
			if (now < open || batch.values.length === 0) return { ...batch, values: [] };
			open = now + span;
			return { ...batch, values: batch.values.slice(0, 1) };
		});
	};
}

/** Fails when nothing has come for `span` ms after it was asked for. */
export function patience(span: number): Shape {
	return ([upstream], stand) =>
		streamOf([upstream as never], () => {
			return new Promise<Batch | undefined>((resolve, reject) => {
				const late = (): void => reject(new TroupeError('ERR_STAGE_TIMEOUT', `no element has come for ${span} ms`));
				const cancel = stand.after(span, late);
				void upstream?.next().then(resolve, reject).then(cancel);
			});
		});
}

/** The first `count`, and then the end. */
export function take(count: number): Shape {
	return ([upstream]) => {
		let left = count;
		return streamOf([upstream as never], async () => {
			const batch = left > 0 ? await upstream?.next() : undefined;
			if (!batch) {
				await upstream?.cancel();
				return undefined;
			}
			const values = batch.values.slice(0, left);
			left -= values.length;
			return { ...batch, values };
		});
	};
}

/** All but the first `count`. */
export function drop(count: number): Shape {
	return ([upstream]) => {
		let left = count;
		return streamOf([upstream as never], async () => {
			const batch = await upstream?.next();
			if (!batch || left === 0) return batch;
			const values = batch.values.slice(left);
			left -= Math.min(left, batch.values.length);
			return { ...batch, values };
		});
	};
}

function pause(stand: Stand, delay: number): Promise<void> {
	return new Promise((resolve) => void stand.after(Math.max(1, delay), resolve));
}
