/**
 * Before a node joins, it tries every subject that it will need: a permission that is missing ends the start, with its
 * subject and the remedy, rather than the first release of an ID some night. It costs one round trip.
 */

import { errors } from 'nats';
import { TroupeError } from '../core/errors.ts';
import { type Grant, publishing, subscribing } from '../core/subjects.ts';
import type { NatsTransport } from '../transport/nats.ts';
import { NO_DATA } from '../transport/nats-requests.ts';

/** So many subjects of each sort say what is wrong. */
const NAMED = 4;

/** @throws TroupeError `ERR_PERMISSION` when NATS denies the system called `system` what it needs. */
export async function rehearse(transport: NatsTransport, system: string): Promise<void> {
	const { inboxPrefix } = transport;
	const denied = { publish: new Set<string>(), subscription: new Set<string>() };
	const stop = transport.onProblem(({ cause }) => {
		if (cause instanceof errors.PermissionViolationError) denied[cause.operation].add(cause.subject);
	});
	const [toPublish, toSubscribe] = [publishing(system, inboxPrefix), subscribing(system, inboxPrefix)];
	for (const { trial } of toPublish) if (trial !== undefined) transport.publish(trial, NO_DATA);
	for (const { trial } of toSubscribe) if (trial !== undefined) transport.subscribe(trial, () => {})();
	await transport.flush();
	stop();
	const missing = [
		...said('publish', missed(toPublish, denied.publish)),
		...said('subscribe', missed(toSubscribe, denied.subscription)),
	];
	if (missing.length === 0) return;
	const remedy = `give its user what 'troupe permissions --system ${system}' prints`;
	throw new TroupeError(
		'ERR_PERMISSION',
		`NATS at ${transport.address} denies the system '${system}' to ${missing.join(', and to ')}: ${remedy}`,
	);
}

/** The permissions whose trials were denied, and those to whose subjects a denied one belongs: the replies'. */
function missed(grants: readonly Grant[], denied: ReadonlySet<string>): string[] {
	const under = ({ subject }: Grant): boolean => [...denied].some((one) => one.startsWith(subject.replace(/>$/, '')));
	return grants
		.filter((grant) => (grant.trial === undefined ? under(grant) : denied.has(grant.trial)))
		.map(({ subject }) => subject);
}

function said(verb: string, subjects: readonly string[]): string[] {
	if (subjects.length === 0) return [];
	const named = subjects.slice(0, NAMED).map((subject) => `"${subject}"`);
	const more = subjects.length > NAMED ? ` and ${subjects.length - NAMED} more` : '';
	return [`${verb} to ${named.join(', ')}${more}`];
}
