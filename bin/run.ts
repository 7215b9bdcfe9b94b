/**
 * `troupe run --nodes 4 app.js`: a cluster on this machine, for development. Each node is a process of its own, whose lines come
 * with its name before them; without `--nats` they have a nats-server of their own. Ctrl-C stops all of them in good order, and
 * when this process is killed, they end with it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type NatsServer, startNatsServer } from '../testkit.ts';
import { CHILD, load } from './node.ts';

/** What a local cluster is. */
export interface RunPlan {
	readonly nodes: number;
	readonly system: string;
	readonly roles: string | undefined;
	/** URLs of NATS, if there is one to use. */
	readonly nats: string | undefined;
	/** The command itself, which each node is started with. */
	readonly command: string;
}

/** Runs it until it is stopped, or all its nodes have ended; resolves to whether one of them failed. */
export async function runCluster(path: string, plan: RunPlan): Promise<boolean> {
	await load(path); // what is wrong with it is said once, and not by each node
	const server = plan.nats === undefined ? await startNatsServer() : undefined;
	const children: ChildProcess[] = [];
	const stop = (): void => {
		for (const child of children) child.kill('SIGTERM');
	};
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
	try {
		for (let n = 1; n <= plan.nodes; n++) children.push(start(path, plan, n, server));
		const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number | null));
		return codes.some((code) => code !== 0);
	} finally {
		await server?.stop();
	}
}

function start(path: string, plan: RunPlan, n: number, server: NatsServer | undefined): ChildProcess {
	const name = `node-${n}`;
	const nats = plan.nats ?? (server as NatsServer).url;
	const roles = plan.roles === undefined ? [] : ['--roles', plan.roles];
	const args = [plan.command, '--nats', nats, '--system', plan.system, 'node', path, '--name', name, ...roles];
	const child = spawn(process.execPath, [...process.execArgv, ...args], {
		stdio: ['pipe', 'pipe', 'pipe'],
		env: { ...process.env, [CHILD]: '1' },
	});
	for (const [from, to] of [
		[child.stdout, process.stdout],
		[child.stderr, process.stderr],
	] as const)
		createInterface({ input: from }).on('line', (line) => to.write(`${name} | ${line}\n`));
	child.on('exit', (code, signal) => {
		if (code !== 0) process.stderr.write(`${name} | has ended: ${signal ?? code}\n`);
	});
	return child;
}
