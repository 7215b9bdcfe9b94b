/** What each command does, once there is a system to do it in. */

import { type ActorSystem, type AnyRef, TroupeError } from '../index.ts';
import { type Outcome, replyText, table } from './print.ts';

const DONE: Outcome = { value: null, text: '' };

/** The members of the cluster, but for this tool itself. */
export function nodes(system: ActorSystem): Outcome {
	const others = system.nodes().filter(({ id }) => id !== system.node.id);
	const rows = others.map(({ id, name, roles, status, kinds }) => [id, name, roles.join(','), status, kinds.join(',')]);
	return { value: others, text: table(['ID', 'NAME', 'ROLES', 'STATUS', 'KINDS'], rows) };
}

/** Every actor with an ID of its own. */
export async function actors(system: ActorSystem): Promise<Outcome> {
	const all = await system.actors();
	const rows = all.map(({ id, kind, node, epoch }) => [id, kind, node, String(epoch)]);
	return { value: all, text: table(['ID', 'KIND', 'NODE', 'EPOCH'], rows) };
}

/** Sends a message and waits for the reply. */
export async function ask(ref: AnyRef, message: string, args: readonly string[]): Promise<Outcome> {
	const reply = await call(ref.ask, ref, message)(...args.map(argument));
	return { value: reply, text: replyText(reply) };
}

/** Delivers a message: done when it is in the mailbox, so that a tool that exits at once loses nothing. */
export async function tell(ref: AnyRef, message: string, args: readonly string[]): Promise<Outcome> {
	await call(ref.send, ref, message)(...args.map(argument));
	return DONE;
}

/** Stops an actor. Nobody there is an error here, as a person has most likely mistyped the ID. */
export async function stop(system: ActorSystem, ref: AnyRef): Promise<Outcome> {
	if (!(await system.whereis(ref.id)))
		throw new TroupeError(
			'ERR_NO_SUCH_ACTOR',
			`no actor is called '${ref.id}': 'troupe actors' lists those there are`,
			{ actor: ref.id },
		);
	await ref.stop();
	return DONE;
}

/** An argument as JSON, or, where it is not JSON, as the string it is. */
function argument(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function call<R>(
	face: Readonly<Record<string, (...args: unknown[]) => R>>,
	ref: AnyRef,
	message: string,
): (...args: unknown[]) => R {
	const method = face[message];
	if (method) return method;
	throw new TroupeError('ERR_NOT_A_MESSAGE', `'${message}' to ${ref.id}: no actor can have a message of that name`, {
		actor: ref.id,
	});
}
