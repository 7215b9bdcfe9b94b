/**
 * A nats-server for development and specs: started with JetStream in a private folder on a free loopback port. It is
 * never left behind: a keeper process ends it when this process stops it, exits, crashes or is killed.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wholeNumber } from '../../supervisor/bad-option.ts';
import { systemClock } from '../core/clock.ts';
import { TroupeError } from '../core/errors.ts';
import { findNatsServer } from './nats-server-binary.ts';
import type { KeeperOrder, KeeperReport } from './nats-server-keeper.ts';
import type { Say } from './nats-server-source.ts';

/** Options of {@link startNatsServer}. */
export interface NatsServerOptions {
	/** Path of the executable. Default: what `findNatsServer` finds or fetches. */
	readonly binary?: string;
	/** Default: a free port, chosen by the server. */
	readonly port?: number;
	/** The address it binds to. Default: `127.0.0.1`. */
	readonly host?: string;
	/** Where JetStream keeps its data; it outlives the server. Default: a private folder, removed on stop. */
	readonly storeDir?: string;
	/** Default: `true`. `sync_interval` stays at its default: a crash of the machine may cost the last 2 minutes. */
	readonly jetstream?: boolean;
	/** The server's name; servers of a cluster need one. Default: the server invents it. */
	readonly name?: string;
	/** Makes it a member of a cluster; see `startNatsCluster`. `routes` are the members' `nats://host:port`. */
	readonly cluster?: { readonly name: string; readonly port: number; readonly routes: readonly string[] };
	/** More lines of server configuration. Its log must go on to stderr, where readiness is read. */
	readonly extraConfig?: string;
	/** Told, line by line, what is done. Default: silence. */
	readonly say?: Say;
}

/** A running nats-server. It keeps this process alive until {@link NatsServer.stop}. */
export interface NatsServer {
	/** Such as `nats://127.0.0.1:41873`; the same for life. */
	readonly url: string;
	/** The same for life, whatever restarts. */
	readonly port: number;
	/** The server's own process ID; another after a restart. */
	readonly pid: number;
	/** Where JetStream keeps its data. */
	readonly storeDir: string;
	/** Whether its process lives (it may be paused). */
	readonly running: boolean;
	/** Stops the server in good order (by force after 5 s) and removes its private folder. May be called again. */
	stop(): Promise<void>;
	/** Sends `signal` (default `SIGKILL`) to the server itself; resolves once its process is gone. The store stays. */
	kill(signal?: string): Promise<void>;
	/** Freezes the server (SIGSTOP): its connections stay open and silent. Not on Windows. */
	pause(): void;
	/** Lets a paused server go on (SIGCONT). */
	resume(): void;
	/** Ends the server in good order if it runs, and starts it on the same port and store. */
	restart(): Promise<void>;
}

/** 30 s: JetStream reads its whole store before the server is ready. */
const READY_TIMEOUT = 30_000;

/** 5 s: an orderly shutdown takes some 10 ms; what takes longer hangs. */
const STOP_GRACE = 5_000;

/**
 * Starts a nats-server and resolves when it accepts connections and JetStream is ready.
 *
 * It runs in a session of its own, so that Ctrl-C reaches this process and not the server. When this process dies, by
 * whatever means, the server is killed and its private folder removed.
 *
 * @throws TroupeError `ERR_NATS_SERVER` when no server is found, or it ends before it is ready (the message has the end
 * of its log), or is not ready within 30 s.
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
	const { say, port = -1 } = options;
	if (port !== -1) wholeNumber(port, 'port', 1, 65_535);
	const binary = options.binary ?? (await findNatsServer(say ? { say } : {})).path;
	const folder = await mkdtemp(join(tmpdir(), 'troupe-nats-'));
	const server = new KeptServer(options, resolve(binary), folder, port);
	try {
		await server.restart();
	} catch (error) {
		await server.stop();
		throw error;
	}
	say?.(`nats-server listens on ${server.url} (process ${server.pid}, store ${server.storeDir})`);
	return server;
}

class KeptServer implements NatsServer {
	readonly storeDir: string;
	readonly #options: NatsServerOptions;
	readonly #binary: string;
	readonly #folder: string;
	readonly #reports = new EventEmitter<{ outcome: [KeeperReport]; exited: [] }>();
	#keeper: ChildProcess | undefined;
	#port: number;
	#pid = 0;
	#running = false;
	#stopping: Promise<void> | undefined;

	constructor(options: NatsServerOptions, binary: string, folder: string, port: number) {
		this.storeDir = resolve(options.storeDir ?? join(folder, 'store'));
		this.#options = options;
		this.#binary = binary;
		this.#folder = folder;
		this.#port = port;
	}

	get url(): string {
		const host = this.#host;
		return `nats://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
	}

	get port(): number {
		return this.#port;
	}

	get pid(): number {
		return this.#pid;
	}

	get running(): boolean {
		return this.#running;
	}

	stop(): Promise<void> {
		this.#stopping ??= this.#stop();
		return this.#stopping;
	}

	async kill(signal = 'SIGKILL'): Promise<void> {
		if (!this.#running) return;
		const exited = once(this.#reports, 'exited');
		this.#signal(signal);
		await exited;
	}

	pause(): void {
		this.#signal('SIGSTOP');
	}

	resume(): void {
		this.#signal('SIGCONT');
	}

	async restart(): Promise<void> {
		if (this.#stopping) throw new TroupeError('ERR_NATS_SERVER', `${this.url} has been stopped: start another server`);
		await this.#end();
		const config = join(this.#folder, 'nats-server.conf');
		await writeFile(config, this.#config(), { mode: 0o600 });
		await this.#run({ binary: this.#binary, args: ['--config', config] });
	}

	get #host(): string {
		return this.#options.host ?? '127.0.0.1';
	}

	/** JSON's quoting is the configuration's too, so no value can escape from its string. */
	#config(): string {
		const { name, jetstream = true, cluster, extraConfig = '' } = this.#options;
		const host = JSON.stringify(this.#host);
		const lines = [`host: ${host}`, `port: ${this.#port}`];
		if (name !== undefined) lines.push(`server_name: ${JSON.stringify(name)}`);
		if (jetstream) lines.push(`jetstream { store_dir: ${JSON.stringify(this.storeDir)} }`);
		if (cluster) {
			const { port } = cluster;
			const [clusterName, routes] = [cluster.name, cluster.routes].map((value) => JSON.stringify(value));
			lines.push(`cluster { name: ${clusterName}, host: ${host}, port: ${port}, routes: ${routes} }`);
		}
		return [...lines, extraConfig, ''].join('\n');
	}

	/** Has the keeper run the server; resolves when the server is ready. */
	async #run(order: KeeperOrder): Promise<void> {
		this.#keeper ??= this.#hire();
		const outcome = once(this.#reports, 'outcome') as Promise<[KeeperReport]>;
		this.#keeper.send(order, () => {}); // a keeper that cannot be told is reported by its own exit
		let late = false;
		const cancel = systemClock.after(READY_TIMEOUT, () => {
			late = true;
			this.#signal('SIGKILL'); // the report of its end brings its log
			if (!this.#running) this.#keeper?.disconnect();
		});
		const [report] = await outcome;
		cancel();
		if (report.kind !== 'exited') return;
		const why = late ? `was not ready within ${READY_TIMEOUT / 1000} s` : `did not start (${report.why})`;
		throw new TroupeError('ERR_NATS_SERVER', `nats-server ${why}: ${order.binary}\n${report.log}`.trimEnd());
	}

	/** Starts the keeper, in a session of its own and with none of our descriptors but the channel. */
	#hire(): ChildProcess {
		const path = fileURLToPath(new URL(`./nats-server-keeper${extname(import.meta.url)}`, import.meta.url));
		const keeper = fork(path, [this.#folder], {
			cwd: tmpdir(),
			detached: true,
			env: { ...process.env, NODE_OPTIONS: '' },
			execArgv: [],
			stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
		});
		let gone = false;
		const leave = (why: string) => {
			if (gone) return;
			gone = true;
			this.#keeper = undefined;
			this.#signal('SIGKILL'); // a keeper that was killed itself leaves its server to us
			this.#heed({ kind: 'exited', why: `its keeper ended: ${why}`, log: '' });
		};
		keeper.on('message', (report: KeeperReport) => this.#heed(report));
		keeper.on('error', (error) => leave(error.message));
		keeper.on('exit', (code, signal) => leave(signal ?? `exit code ${code}`));
		return keeper;
	}

	#heed(report: KeeperReport): void {
		if (report.kind === 'started') {
			this.#pid = report.pid;
			this.#running = true;
			return;
		}
		if (report.kind === 'ready') this.#port = report.port;
		this.#running = report.kind === 'ready';
		this.#reports.emit('outcome', report);
		if (!this.#running) this.#reports.emit('exited');
	}

	#signal(signal: string): void {
		if (!this.#running) return;
		try {
			process.kill(this.#pid, signal);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone, and the report is under way
		}
	}

	/** Ends the server's process in good order, or by force after the grace; the keeper stays. */
	async #end(): Promise<void> {
		if (!this.#running) return;
		const exited = this.kill('SIGTERM');
		const cancel = systemClock.after(STOP_GRACE, () => this.#signal('SIGKILL'));
		if (process.platform !== 'win32') this.resume(); // a paused server hears nothing
		await exited;
		cancel();
	}

	async #stop(): Promise<void> {
		await this.#end();
		const keeper = this.#keeper;
		if (keeper?.connected) {
			const exited = once(keeper, 'exit');
			keeper.disconnect();
			await exited;
		}
		await rm(this.#folder, { recursive: true, force: true });
	}
}
