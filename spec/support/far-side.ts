/** The side of a stage where the fixtures live: a system, the crew that directs it, and notes of all it tells. */

import { ActorSystem, type AnyRef, type Log, type LogLine } from '../../index.ts';
import type { Clock } from '../../runtime/core/clock.ts';
import { Prompter, Stagehand } from './cast/crew.ts';
import './cast/pipelines.ts';
import { knownClasses, OutOfStock } from './cast.ts';

/** What a side is told, as data. */
export interface SideOptions {
	readonly name: string;
	readonly servers?: string;
	readonly checks?: 'none' | 'strict';
	readonly allowPrograms?: readonly string[];
	readonly askTimeout?: number;
	readonly stopGrace?: number;
	readonly heartbeat?: number;
	readonly lease?: number;
}

/** An event of either side, as data: refs as IDs, errors as their codes and messages. */
export interface Note {
	readonly event: string;
	/** The ID of the actor concerned: for a dead letter its addressee. */
	readonly id?: string | undefined;
	readonly kind?: string | undefined;
	readonly path?: string | undefined;
	readonly node?: string | undefined;
	readonly reason?: string | undefined;
	/** Of a dead letter. */
	readonly message?: string | undefined;
	readonly args?: readonly unknown[] | undefined;
	readonly sender?: string | undefined;
	readonly count?: number | undefined;
	readonly restarts?: number | undefined;
	readonly code?: string | undefined;
	readonly error?: string | undefined;
	/** Of a line in the log. */
	readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** How long a fixture may take to stop: it never should. */
const STOP_GRACE = 2_000;

/** Starts a node whose events all become notes. */
export async function startSide(
	options: SideOptions,
	clock: Clock | undefined,
	take: (note: Note) => void,
): Promise<ActorSystem> {
	const system = await ActorSystem.start({
		stopGrace: STOP_GRACE,
		...options,
		...(clock && { clock }),
		hosts: [...knownClasses(), Stagehand, Prompter],
		errors: [OutOfStock],
		log: logInto(take),
	});
	listen(system, take);
	return system;
}

/** Brings in those who spawn fixtures when the spec asks them to. */
export async function bringCrew(system: ActorSystem): Promise<void> {
	await system.spawn(Stagehand, { id: 'stagehand' });
	await system.spawn(Prompter, { id: 'prompter' });
}

function listen(system: ActorSystem, take: (note: Note) => void): void {
	const { events } = system;
	events.on('deadLetter', ({ reason, target, message, sender, node, count, error }) =>
		take({
			event: 'deadLetter',
			...{
				reason,
				id: target?.id,
				message: message?.name,
				args: plain(message?.args),
				sender: sender?.id,
				node,
				count,
			},
			...errorOf(error),
		}),
	);
	for (const event of ['actorStarted', 'actorStopped', 'actorRestarted'] as const) {
		events.on(event, (told) => {
			const { ref, id, kind, path, node, reason, restarts, error } = told as typeof told &
				Partial<Record<'reason' | 'restarts' | 'error', never>>;
			take({
				event,
				id,
				kind,
				path,
				node,
				reason,
				restarts,
				...errorOf(error),
				fields: { sameRef: (ref as AnyRef).id === id },
			});
		});
	}
	for (const event of ['nodeUp', 'nodeSuspect', 'nodeDown'] as const)
		events.on(event, (told) => take({ event, ...told }));
	events.on('warning', ({ code, actor, error }) => take({ event: 'warning', ...errorOf(error), code, id: actor }));
}

function errorOf(error: unknown): { code?: string; error?: string } {
	if (error === undefined) return {};
	const { code, message } = (error ?? {}) as Partial<Error & { code: string }>;
	return { ...(typeof code === 'string' && { code }), error: message ?? String(error) };
}

/** What can be shown to another process; the notes are for reading, not for identity. */
function plain(args: readonly unknown[] | undefined): readonly unknown[] | undefined {
	try {
		return args && (JSON.parse(JSON.stringify(args)) as unknown[]);
	} catch {
		return undefined;
	}
}

function logInto(take: (note: Note) => void): Log {
	const line =
		(level: string): LogLine =>
		(event, fields) => {
			const { actor, ...rest } = fields ?? {};
			take({
				event: `log.${level}`,
				message: event,
				id: actor as string | undefined,
				fields: plain([rest])?.[0] as Record<string, unknown>,
			});
		};
	return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
