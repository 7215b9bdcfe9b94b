/** `troupe dead-letters`: what durable mailboxes have given up, with its history, and what is to become of it. */

import { type ActorSystem, type KeptLetter, TroupeError } from '../index.ts';
import { type Outcome, oneLine, replyText, table } from './print.ts';

/** All, or those of one actor. */
export async function list(system: ActorSystem, actor: string | undefined): Promise<Outcome> {
	const letters = await system.deadLetters.list({ actor });
	const rows = letters.map(({ number, actor, message, at, attempts, failures }) => {
		const { code = '', message: why = '' } = failures.at(-1) ?? {};
		return [String(number), actor, message.name, time(at), String(attempts), `${code}: ${why}`];
	});
	return { value: letters, text: table(['NUMBER', 'ACTOR', 'MESSAGE', 'SENT', 'ATTEMPTS', 'LAST FAILURE'], rows) };
}

/** One, with all that is known of it. */
export async function show(system: ActorSystem, number: number): Promise<Outcome> {
	const letter = (await system.deadLetters.list()).find((one) => one.number === number);
	if (!letter) throw missing([number]);
	return { value: letter, text: described(letter) };
}

/** Puts them back into their mailboxes. Those that were there are back, also when others are missing. */
export function replay(system: ActorSystem, numbers: readonly number[], all: boolean): Promise<Outcome> {
	return each(system, numbers, all, (number) => system.deadLetters.replay(number));
}

/** Forgets them. */
export function drop(system: ActorSystem, numbers: readonly number[], all: boolean): Promise<Outcome> {
	return each(system, numbers, all, (number) => system.deadLetters.drop(number));
}

async function each(
	system: ActorSystem,
	numbers: readonly number[],
	all: boolean,
	work: (number: number) => Promise<boolean>,
): Promise<Outcome> {
	if (all === numbers.length > 0)
		throw new TroupeError('ERR_BAD_OPTION', "which ones? Give their numbers ('troupe dead-letters list'), or --all");
	const wanted = all ? (await system.deadLetters.list()).map(({ number }) => number) : numbers;
	const gone: number[] = [];
	for (const number of wanted) if (!(await work(number)) && !all) gone.push(number);
	if (gone.length > 0) throw missing(gone);
	return { value: wanted, text: wanted.length === 0 ? 'there are none' : `done: ${wanted.join(', ')}` };
}

function missing(numbers: readonly number[]): TroupeError {
	const which = numbers.length === 1 ? 'of the number' : 'of the numbers';
	return new TroupeError(
		'ERR_BAD_OPTION',
		`no dead letter ${which} ${numbers.join(', ')}: 'troupe dead-letters list' lists those there are`,
	);
}

function described({ number, actor, kind, message, sender, at, attempts, failures }: KeptLetter): string {
	const rows = failures.map(({ at, node, code, message: why }) => [time(at), node, `${code}: ${why}`]);
	return [
		oneLine(`${number}: '${message.name}' to ${actor} (${kind}), sent ${time(at)}${sender ? ` by ${sender.id}` : ''}`),
		...message.args.map((argument) => replyText(argument)),
		`${attempts} attempts${failures.length < attempts ? `, of which the last ${failures.length} are known` : ''}`,
		table(['ATTEMPT', 'NODE', 'FAILURE'], rows),
	].join('\n');
}

function time(at: number): string {
	return new Date(at).toISOString();
}
