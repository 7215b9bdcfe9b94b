/**
 * `troupe node app.js`: a node that hosts the actors which a module exports. A default export that is a function is given the
 * system when it has joined, to set things up. SIGTERM and SIGINT have it take leave in good order; a second one ends it at once.
 */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ActorClass, ActorSystem, type Log, type SystemOptions, TroupeError } from '../index.ts';

/** Set by whoever starts nodes as children: they end when their standard input does, as it does when the parent is gone. */
export const CHILD = 'TROUPE_CHILD';

/** What a module brings along. */
export interface App {
	/** The actor classes that it exports. */
	readonly hosts: readonly ActorClass[];
	/** Its default export, where that is no class of actors. */
	readonly begin: ((system: ActorSystem) => unknown) | undefined;
}

/** Signals closer to each other than this, in ms, are one Ctrl-C: a terminal tells all, and who started this node tells it again. */
const ONE_KEYSTROKE = 1_000;

type LogLine = Log['warn'];

const line =
	(word: string): LogLine =>
	(event, { actor = '', error, message = '' } = {}) => {
		const said = error instanceof Error ? error.message : String(message);
		process.stderr.write(`${[word, event, String(actor), said].filter((part) => part !== '').join(' ')}\n`);
	};
const log: Log = { debug() {}, info() {}, warn: line('warning'), error: line('error') };

/** Runs a node until it is told to stop. */
export async function serve(path: string, options: SystemOptions): Promise<void> {
	const { hosts, begin } = await load(path);
	const system = await ActorSystem.start({ log, ...options, hosts });
	const left = leave(system);
	await begin?.(system);
	const kinds = hosts.map(({ kind }) => kind).join(', ') || 'nothing';
	process.stdout.write(`${system.node.name} has joined '${system.name}'; it hosts ${kinds}\n`);
	await left;
	process.stdin.destroy();
}

/** The module of that path; `ERR_USAGE` when there is none, or nothing in it. */
export async function load(path: string): Promise<App> {
	let module: Readonly<Record<string, unknown>>;
	try {
		module = (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>;
	} catch (cause) {
		throw new TroupeError(
			'ERR_BAD_OPTION',
			`${path} cannot be loaded: ${cause instanceof Error ? cause.message : cause}`,
			{ cause },
		);
	}
	const hosts = [...new Set(Object.values(module).filter(isActorClass))];
	const { default: first } = module;
	const begin = typeof first === 'function' && !isActorClass(first) ? (first as App['begin']) : undefined;
	if (hosts.length === 0 && !begin)
		throw new TroupeError(
			'ERR_BAD_OPTION',
			`${path} exports no actor class, and no function as its default: there is nothing to run`,
		);
	return { hosts, begin };
}

/** Resolves when the system has been told to stop, and has. */
function leave(system: ActorSystem): Promise<void> {
	return new Promise((resolve) => {
		let asked: number | undefined;
		const go = (): void => {
			const now = performance.now();
			if (asked !== undefined && now - asked > ONE_KEYSTROKE) process.exit(130);
			if (asked === undefined) void system.stop().then(resolve);
			asked ??= now;
		};
		for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, go);
		if (process.env[CHILD] !== undefined) process.stdin.resume().on('end', () => process.exit(1));
	});
}

function isActorClass(value: unknown): value is ActorClass {
	return typeof value === 'function' && typeof (value as Partial<ActorClass>).kind === 'string' && 'prototype' in value;
}
