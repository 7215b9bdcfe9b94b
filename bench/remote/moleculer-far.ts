/** Moleculer's far process: a service that takes events and answers actions. */

import { ServiceBroker } from 'moleculer';
import { optionsOf, SINK } from './moleculer-broker.ts';
import { proofOf, type Value } from './payloads.ts';
import { beFar } from './tally.ts';

beFar(async (tally) => {
	const broker = new ServiceBroker(optionsOf(tally.brief, 'far'));
	broker.createService({
		name: SINK.service,
		events: { [SINK.event]: ({ params }: { params: Value }) => tally.take(params) },
		actions: { answer: ({ params }: { params: Value }) => proofOf(params) },
	});
	await broker.start();
});
