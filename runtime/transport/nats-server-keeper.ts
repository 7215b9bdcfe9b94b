/**
 * The keeper of a nats-server: a process of its own, between the program that wants the server and the server. It lives
 * exactly as long as its channel to that program. When the channel closes, by goodbye, exit, crash or kill -9, it kills
 * the server, removes the private folder and ends. It also drains the server's log, so that the server never waits for a reader.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** What the keeper is told: run this server now. One at a time. */
export interface KeeperOrder {
	readonly binary: string;
	readonly args: readonly string[];
}

/** What the keeper tells: the life of the server it runs. */
export type KeeperReport =
	| { readonly kind: 'started'; readonly pid: number }
	| { readonly kind: 'ready'; readonly port: number }
	| { readonly kind: 'exited'; readonly why: string; readonly log: string };

/** As many of the server's last words as an error message bears. */
const LOG_LINES = 20;

// Linux only: the kernel itself kills the server when the keeper dies, even if keeper and program die at the same instant.
const DEATH_SIGNAL = ['setpriv', '--pdeathsig', 'KILL', '--'];

const [folder = ''] = process.argv.slice(2);
let server: ChildProcess | undefined;

process.title = 'troupe-nats-keeper'; // spares it from `killall node`
process.on('message', (order: KeeperOrder) => run(order));
for (const end of ['disconnect', 'SIGTERM', 'SIGINT', 'SIGHUP']) process.on(end, leave);

function run({ binary, args }: KeeperOrder): void {
	const bound = spawnSync('setpriv', [...DEATH_SIGNAL.slice(1), 'true']).status === 0;
	const [command = binary, ...rest] = [...(bound ? DEATH_SIGNAL : []), binary, ...args];
	const child = spawn(command, rest, { detached: true, stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
	const log: string[] = [];
	let port = 0;
	let failure: string | undefined;
	server = child;
	createInterface({ input: child.stderr }).on('line', (line) => {
		log.push(line);
		if (log.length > LOG_LINES) log.shift();
		port ||= Number(/Listening for client connections on .*:(\d+)$/.exec(line)?.[1] ?? 0);
		if (line.endsWith('Server is ready')) report({ kind: 'ready', port });
	});
	child.on('spawn', () => report({ kind: 'started', pid: child.pid ?? 0 }));
	child.on('error', (error) => {
		failure = error.message;
	});
	child.on('exit', () => sweep(child.pid));
	child.on('close', (code, signal) => {
		server = undefined;
		report({
			kind: 'exited',
			why: failure ?? (signal ? `killed by ${signal}` : `exit code ${code}`),
			log: log.join('\n'),
		});
	});
}

/** When the binary was a script around the server, the server itself may still run: it is in the script's group. */
function sweep(group: number | undefined): void {
	try {
		if (group !== undefined) process.kill(-group, 'SIGKILL');
	} catch {
		// as it should be: nobody is left
	}
}

function report(what: KeeperReport): void {
	if (process.connected) process.send?.(what, () => {}); // a program that has just died needs no report
}

function leave(): void {
	if (server === undefined) end();
	server?.once('close', end);
	server?.kill('SIGKILL');
}

function end(): void {
	rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	process.exit();
}
