/**
 * `npm run demo:orders`: a shop sends orders to accounts with durable mailboxes. Now and then everything is killed with -9,
 * the shop, the workers and NATS, and started again. Exits 0 only if every order that was acknowledged is booked, once.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { startNatsServer } from '../../runtime/transport/nats-server.ts';
import { fileOf, linesOf } from './account.ts';

const { orders, accounts, kills } = new Command('demo:orders')
	.description('Send orders to durable mailboxes while everything is killed with -9 now and then')
	.option('--orders <n>', 'orders in all', positive, 100_000)
	.option('--accounts <n>', 'accounts that they are for', positive, 16)
	.option('--kills <n>', 'how often everything is killed', positive, 3)
	.parse()
	.opts<{ orders: number; accounts: number; kills: number }>();

const folder = await mkdtemp(join(tmpdir(), 'troupe-orders-'));
const server = await startNatsServer();
const name = `orders-${process.pid}`;
const began = performance.now();
const processes: ChildProcess[] = [];
let acknowledged = 0;
let killed = 0;

/** Starts one of this folder's programs; it ends with this process. */
function start(program: string, ...args: string[]): ChildProcess {
	const path = fileURLToPath(new URL(`./${program}${extname(import.meta.url)}`, import.meta.url));
	const child = spawn(process.execPath, [path, server.url, name, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
	processes.push(child);
	return child;
}

/** All there is but NATS. The shop begins where its predecessor has left no doubt. */
function startAll(): void {
	for (const worker of ['worker-1', 'worker-2']) start('worker', worker, folder, String(accounts));
	const shop = start('shop', String(acknowledged), String(orders), String(accounts));
	createInterface({ input: shop.stdout as NodeJS.ReadableStream }).on('line', (line) => {
		acknowledged = Math.max(acknowledged, Number(line.split(' ')[1]));
	});
}

async function killAll(): Promise<void> {
	for (const child of processes.splice(0)) child.kill('SIGKILL');
	await server.kill();
	console.log(
		`after ${acknowledged} acknowledged and ${booked().length} booked orders, everything is killed with -9 (${++killed})`,
	);
	await server.restart();
}

function booked(): string[] {
	return Array.from({ length: accounts }, (_, n) => fileOf(folder, `account-${n}`)).flatMap((file) =>
		existsSync(file) ? linesOf(file) : [],
	);
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

try {
	startAll();
	for (let kill = 1; kill <= kills; kill++) {
		while (acknowledged < (orders * kill) / (kills + 1)) await pause();
		await killAll();
		startAll();
	}
	while (acknowledged < orders) await pause();
	let count = -1;
	// What is booked twice would come after the last one at the latest: nothing may come any more.
	for (let quiet = 0; quiet < 40; quiet++) {
		const now = booked().length;
		if (now < orders || now !== count) quiet = 0;
		count = now;
		await pause();
	}
	const numbers = booked().map((line) => Number(line.split(' ')[0]));
	const once = new Set(numbers);
	const lost = Array.from({ length: orders }, (_, n) => n).filter((n) => !once.has(n)).length;
	const twice = numbers.length - once.size;
	const seconds = (performance.now() - began) / 1_000;
	console.log(
		`acknowledged ${acknowledged}, lost ${lost}, effects twice ${twice}; everything was killed ${killed} times; ${seconds.toFixed(1)} s`,
	);
	process.exitCode = lost === 0 && twice === 0 ? 0 : 1;
} finally {
	for (const child of processes) child.kill('SIGKILL');
	await server.stop();
	await rm(folder, { recursive: true });
}

function positive(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1) return value;
	throw new InvalidArgumentError('a whole number from 1 is needed');
}
