#!/usr/bin/env node
/**
 * `troupe`: a look into a cluster, and a word with its actors. It joins as a node of role `cli`, does one thing, leaves.
 *
 * Exit code 0: done. 1: it failed, with one line `CODE: message` on standard error. 2: it was called wrongly. 130, 143:
 * interrupted. With `--json`, standard output has exactly one JSON value, whether it is the result or the error.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ActorSystem, type AnyRef, BadOption, type Duration } from '../index.ts';
import { type AccessOptions, accessOf, accessOptions } from './access.ts';
import { actors, ask, nodes, stop, tell } from './commands.ts';
import * as dead from './dead-letters.ts';
import { serve } from './node.ts';
import { FORMS, type Form, permissions } from './permissions.ts';
import { failureOf, type Outcome, printFailure, printOutcome } from './print.ts';
import { runCluster } from './run.ts';
import { top } from './top.ts';

interface Options extends AccessOptions {
	readonly nats: string;
	readonly system: string;
	readonly timeout: Duration;
	readonly json: boolean;
}

const FAILED = 1;
const MISUSED = 2;
/** Codes of errors that another command line would not have caused. */
const MISUSE: ReadonlySet<string> = new Set(['ERR_USAGE', 'ERR_BAD_OPTION', 'ERR_BAD_ID']);
const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;

const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const interruption = new AbortController();
/** Whether the command goes on until it is told to stop. */
let steady = false;

const program = accessOptions(new Command('troupe'))
	.description('Looks into a Troupe cluster and talks to its actors.')
	.version(version(), '-V, --version')
	.addOption(
		new Option('--nats <urls>', 'NATS servers, separated by commas').env('NATS_URL').default('nats://127.0.0.1:4222'),
	)
	.option('--system <name>', "the cluster's name", 'troupe')
	.option('--timeout <duration>', 'longest wait for NATS, and then for an actor', duration, '5s')
	.option('--json', 'print one JSON value, errors too', false)
	.configureHelp({ showGlobalOptions: true })
	.configureOutput({ writeErr: ignore })
	.exitOverride();

program
	.command('nodes')
	.description('list the members of the cluster')
	.action(() => within((system) => nodes(system)));
program
	.command('top')
	.description('show the nodes and how busy they are, live; once, with --json or where the output is no terminal')
	.action(() => within((system) => top(system, program.opts<Options>().json, interruption.signal)));
program
	.command('actors')
	.description('list the actors that have an ID')
	.action(() => within((system) => actors(system)));
program
	.command('ask <id> <message> [args...]')
	.description('send a message and print the reply; arguments are JSON, or strings where they are not')
	.action((id, message, args) => within((system) => ask(reach(system, id), message, args)));
program
	.command('tell <id> <message> [args...]')
	.description("deliver a message to the actor's mailbox")
	.action((id, message, args) => within((system) => tell(reach(system, id), message, args)));
program
	.command('stop <id>')
	.description('stop an actor and its children')
	.action((id) => within((system) => stop(system, reach(system, id))));

const deadLetters = program
	.command('dead-letters')
	.description('what durable mailboxes have given up: list, show, replay, drop')
	.exitOverride();
deadLetters
	.command('list')
	.description('list them, the oldest first')
	.option('--actor <id>', 'only those of one actor')
	.action(({ actor }: { actor?: string }) => within((system) => dead.list(system, actor)));
deadLetters
	.command('show <number>')
	.description('show one, with its arguments and its history')
	.action((number) => within((system) => dead.show(system, ordinal(number))));
deadLetters
	.command('replay [numbers...]')
	.description('put them back into their mailboxes, behind what is there')
	.option('--all', 'all there are', false)
	.action((numbers: string[], { all }: { all: boolean }) =>
		within((system) => dead.replay(system, numbers.map(ordinal), all)),
	);
deadLetters
	.command('drop [numbers...]')
	.description('forget them')
	.option('--all', 'all there are', false)
	.action((numbers: string[], { all }: { all: boolean }) =>
		within((system) => dead.drop(system, numbers.map(ordinal), all)),
	);

program
	.command('permissions [systems...]')
	.description('print the permissions that systems need, as configuration for nats-server; connects to nothing')
	.addOption(new Option('--form <form>', 'what keeps systems apart').choices(FORMS).default('users'))
	.action((systems: string[], { form }: { form: Form }) => {
		const { system, json } = program.opts<Options>();
		printOutcome(permissions(systems.length === 0 ? [system] : systems, form), json);
	});

program
	.command('node <module>')
	.description('run a node that hosts the actors which a module exports, until SIGTERM or SIGINT')
	.option('--roles <roles>', 'what it is for, with commas between')
	.option('--name <name>', 'its name')
	.action(async (module: string, { roles, name: node }: { roles?: string; name?: string }) => {
		steady = true;
		const { nats, system: name, timeout, json: _, ...access } = program.opts<Options>();
		await serve(module, {
			name,
			nats: accessOf(access),
			servers: nats.split(','),
			roles: rolesIn(roles),
			connectTimeout: timeout,
			...(node === undefined ? {} : { node }),
		});
	});
program
	.command('run <module>')
	.description('run a cluster of several such nodes on this machine, for development')
	.option('--nodes <n>', 'how many', count, 3)
	.option('--roles <roles>', 'what they are for, with commas between')
	.action(async (module: string, { nodes: many, roles }: { nodes: number; roles?: string }) => {
		steady = true;
		const { nats, system: name } = program.opts<Options>();
		const given = program.getOptionValueSource('nats') !== 'default';
		const plan = {
			nodes: many,
			system: name,
			roles,
			nats: given ? nats : undefined,
			command: fileURLToPath(import.meta.url),
		};
		if (await runCluster(module, plan)) process.exitCode ||= FAILED;
	});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => {
		// A node that is told to stop has done what it is for.
		if (steady) return;
		process.exitCode = INTERRUPTED[signal];
		interruption.abort(signal);
	});
}
// Whoever reads has seen enough, as `head` has.
process.stdout.on('error', ignore);

try {
	await program.parseAsync();
} catch (error) {
	fail(error);
}

/** Joins, works, leaves, and says what came of it. */
async function within(work: (system: ActorSystem) => Outcome | Promise<Outcome>): Promise<void> {
	const { nats, system: name, timeout, json, ...access } = program.opts<Options>();
	const system = await ActorSystem.start({
		name,
		nats: accessOf(access),
		servers: nats.split(','),
		node: 'troupe-cli',
		roles: ['cli'],
		connectTimeout: timeout,
		askTimeout: timeout,
		log: quiet,
	});
	try {
		printOutcome(await work(system), json);
	} finally {
		await system.stop();
	}
}

function reach(system: ActorSystem, id: string): AnyRef {
	const { timeout } = program.opts<Options>();
	return system.ref(id).with({ timeout, signal: interruption.signal });
}

function fail(error: unknown): void {
	if (error instanceof CommanderError && error.exitCode === 0) return;
	const failure = error instanceof CommanderError ? misuse(error) : failureOf(error);
	process.exitCode ||= MISUSE.has(failure.code) ? MISUSED : FAILED;
	printFailure(failure, process.argv.includes('--json'));
}

function misuse({ code, message }: CommanderError): { readonly code: string; readonly message: string } {
	const commands = program.commands.map((command) => command.name()).join(', ');
	const said = code === 'commander.help' ? `which command? One of ${commands}` : message.replace(/^error: /, '');
	return { code: 'ERR_USAGE', message: `${said} (troupe --help tells more)` };
}

function duration(text: string): Duration {
	if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
	if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) return text as Duration;
	throw new InvalidArgumentError('It is a duration such as 500ms, 5s or 1m.');
}

function rolesIn(roles: string | undefined): readonly string[] {
	return (roles ?? '').split(',').filter((role) => role !== '');
}

function count(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1 && value <= 64) return value;
	throw new InvalidArgumentError('It is a whole number from 1 to 64.');
}

function ordinal(text: string): number {
	const value = Number(text);
	if (Number.isSafeInteger(value) && value >= 1) return value;
	throw new BadOption('number', text, "a number of 'troupe dead-letters list'");
}

function version(): string {
	const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
		version: string;
	};
	return version;
}

function ignore(): void {}
