/** The registry's floor: JetStream's key-value store by its own client. */

import { type KV, Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import type { Driver } from '../workload.ts';
import { ALL_TIMES, abreast, rateAbreast } from './abreast.ts';
import { encoder } from './cbor.ts';
import { runName } from './crossing.ts';

export const drivers: Readonly<Record<string, Driver>> = {
	'remote-claims': onBucket((bucket) => rateAbreast((n) => bucket.create(keyOf(n), recordOf(n)))),
	'remote-lookups': onBucket(async (bucket) => {
		await abreast(ALL_TIMES, (n) => bucket.create(keyOf(n), recordOf(n)));
		return rateAbreast(async (n) => {
			const entry = await bucket.get(keyOf(n));
			if (entry?.value.length !== recordOf(n).length) throw new Error(`${keyOf(n)} is not there`);
		});
	}),
};

function onBucket(measure: (bucket: KV) => ReturnType<typeof rateAbreast>): Driver {
	return async ({ servers }) => {
		const connection = await connect({ servers, noAsyncTraces: true });
		try {
			const bucket = await new Kvm(connection).create(runName(), { history: 1 });
			const figures = await measure(bucket);
			await bucket.destroy();
			return figures;
		} finally {
			await connection.close();
		}
	};
}

function keyOf(n: number): string {
	return `sink-${n}`;
}

/** As long as what Troupe keeps. */
function recordOf(n: number): Uint8Array {
	return encoder.encode([
		'0198c0de-7a3b-7c51-9c1e-2f6a8b1d4e90',
		'sink',
		`0198c0de-7a3b-7c51-9c1e-${String(n).padStart(12, '0')}`,
	]);
}
