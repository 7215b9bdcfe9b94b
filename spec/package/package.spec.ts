/** The package as its users get it: packed from a fresh copy of the sources, installed into fresh projects, and used. */

import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { startServer } from '../support/nats.ts';

const run = promisify(execFile);
const ROOT = dirname(realpathSync(fileURLToPath(new URL('../../../package.json', import.meta.url))));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** The strictest that a project can be, and without the types of Node. */
const STRICT = {
	strict: true,
	exactOptionalPropertyTypes: true,
	noUncheckedIndexedAccess: true,
	noImplicitOverride: true,
	noPropertyAccessFromIndexSignature: true,
	verbatimModuleSyntax: true,
	module: 'nodenext',
	target: 'es2023',
	types: [],
	skipLibCheck: false,
};

const EXAMPLE = `
import { Actor, ActorSystem, restart } from 'troupe';
import { VirtualClock } from 'troupe/testkit';

class Counter extends Actor<{ start?: number }> {
	static readonly kind = 'counter';
	static readonly supervision = restart({ maxRestarts: 10, within: '1m' });
	#total = this.args.start ?? 0;
	add(by: number) { return (this.#total += by); }
	get() { return this.#total; }
}

const signal = new AbortController().signal;
const system = await ActorSystem.start({ name: 'shop', servers: 'nats://127.0.0.1:4222' });
const counter = await system.spawn(Counter, { id: 'counter', args: { start: 10 } });
counter.tell.add(1);
await counter.send.add(1);
const total: number = await counter.ask.add(5);
const far = system.ref(Counter, 'counter');
console.log(total, await far.with({ timeout: '500ms', signal }).ask.get(), new VirtualClock().now());
await system.stop();
`;

const PLAIN = `
import { Actor, ActorSystem, isTroupeError, Rejection } from 'troupe';
import { VirtualClock } from 'troupe/testkit';

class Counter extends Actor {
	static kind = 'counter';
	total = this.args.start ?? 0;
	add(by) { return (this.total += by); }
	refuse() { throw new Rejection('NO', 'never'); }
}

const system = await ActorSystem.start();
const counter = await system.spawn(Counter, { id: 'counter', args: { start: 10 } });
console.log(await counter.ask.add(5), await counter.ask.refuse().catch((error) => error.code), new VirtualClock().now());
await system.ref('nobody').ask.sing().catch((error) => console.log(isTroupeError(error), error.code));
await system.stop();
`;

async function filesUnder(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

describe('the package', function () {
	this.timeout(120_000);
	let folder: string;
	let tarball: string;
	let typed: string;
	let plain: string;
	let server: NatsServer;

	/** A fresh project that has installed the tarball, and nothing else. */
	async function project(name: string): Promise<string> {
		const at = join(folder, name);
		await mkdir(at);
		await writeFile(join(at, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
		await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: at });
		return at;
	}

	/** Compiles `sources` under the strictest options, as `<name>/0.ts`, `<name>/1.ts`, …; what the compiler says. */
	async function compile(name: string, sources: readonly string[]): Promise<string> {
		const at = join(typed, name);
		await mkdir(at);
		await Promise.all(sources.map((source, index) => writeFile(join(at, `${index}.ts`), source)));
		await writeFile(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions: STRICT, include: ['*.ts'] }));
		return run(process.execPath, [TSC, '-p', at], { cwd: at }).then(
			({ stdout }) => stdout,
			(error: { stdout: string }) => error.stdout,
		);
	}

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'troupe-package-'));
		const clone = join(folder, 'clone');
		const skipped = ['node_modules', 'dist', '.git'].map((name) => join(ROOT, name));
		await cp(ROOT, clone, { recursive: true, filter: (source) => !skipped.includes(source) });
		await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
		await mkdir(join(clone, 'dist'));
		await writeFile(join(clone, 'dist/stale.js'), '// of a file that has been removed since');
		await run('npm', ['pack', '--pack-destination', folder], { cwd: clone });
		const packed = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
		tarball = join(folder, packed[0] as string);
		[typed, plain, server] = await Promise.all([project('typed'), project('plain'), startServer()]);
	});

	after(async () => {
		await server?.stop();
		await rm(folder, { recursive: true, force: true });
	});

	it('has what users need, and nothing of ours', async () => {
		const files = await filesUnder(join(plain, 'node_modules/troupe'));
		expect(files).to.include.members([
			'package.json',
			'dist/index.js',
			'dist/index.d.ts',
			'dist/testkit.js',
			'dist/bin/troupe.js',
		]);
		expect(
			files.filter((file) => /^dist\/(spec|demo|chaos|docs|bench)\/|\.map$|stale|(?<!\.d)\.ts$/.test(file)),
		).to.deep.equal([]);
		const { size } = await stat(tarball);
		console.log(`      ${files.length} files, ${(size / 1024).toFixed(0)} KiB packed`);
		// Code, types and pages of what the README lists; sources, maps or specs would be as much again.
		expect(size).to.be.below(512 * 1024);
	});

	it('works in plain JavaScript', async () => {
		await writeFile(join(plain, 'main.js'), PLAIN);
		const { stdout } = await run(process.execPath, ['main.js'], { cwd: plain });
		expect(stdout).to.equal('15 NO 0\ntrue ERR_NO_SUCH_ACTOR\n');
	});

	it('works in a CommonJS program, where Node can require a module', async function () {
		if (!(process.features as { require_module?: boolean }).require_module) this.skip();
		await writeFile(
			join(plain, 'main.cjs'),
			`const { ActorSystem } = require('troupe'); ActorSystem.start().then((system) => system.stop());`,
		);
		await run(process.execPath, ['main.cjs'], { cwd: plain });
	});

	it('works in the strictest TypeScript, on a real NATS', async () => {
		expect(await compile('example', [EXAMPLE.replace('nats://127.0.0.1:4222', server.url)])).to.equal('');
		const { stdout, stderr } = await run(process.execPath, ['example/0.js'], { cwd: typed });
		expect({ stdout, stderr }).to.deep.equal({ stdout: '17 17 0\n', stderr: '' });
	});

	it("compiles the README's examples and runs the first of them", async function () {
		const readme = join(ROOT, 'README.md');
		if (!existsSync(readme)) this.skip();
		const blocks = [...(await readFile(readme, 'utf8')).matchAll(/^```ts\n(.*?)^```/gms)].map(
			([, code]) => code as string,
		);
		const examples = blocks.filter((code) => code.includes("from 'troupe"));
		expect(examples).not.to.deep.equal([]);
		const local = examples.map((code) => code.replaceAll('nats://127.0.0.1:4222', server.url));
		expect(await compile('readme', local)).to.equal('');
		await run(process.execPath, ['readme/0.js'], { cwd: typed });
	});

	it('refuses misuse at compile time, there too', async () => {
		const wrong = EXAMPLE.replace('counter.tell.add(1)', "counter.tell.add('1')");
		expect(await compile('wrong', [wrong])).to.match(
			/^0\.ts\(\d+,\d+\): error TS2345: [^\n]*'string'[^\n]*'number'[^\n]*\n$/,
		);
	});

	it('has its documentation in its types, and no any', async () => {
		await compile('reach', [EXAMPLE]);
		const { stdout } = await run(process.execPath, [TSC, '-p', join(typed, 'reach'), '--listFilesOnly']);
		const declarations = stdout.split('\n').filter((file) => file.includes('node_modules/troupe/'));
		expect(declarations.length).to.be.above(20);
		for (const file of declarations) {
			const text = await readFile(file, 'utf8');
			const code = text.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
			expect(/(?<![\w'-])any(?![\w'-])/.exec(code)?.[0], file).to.equal(undefined);
		}
		const [entry] = declarations.filter((file) => file.endsWith('runtime/system.d.ts'));
		expect(await readFile(entry as string, 'utf8')).to.match(/@throws `ERR_ID_TAKEN`/);
	});

	it('has two doors, and no others', async () => {
		const open = (door: string, how = '') =>
			run(process.execPath, ['--input-type=module', '-e', `await import('${door}'${how})`], { cwd: plain });
		await open('troupe');
		await open('troupe/testkit');
		await open('troupe/package.json', ", { with: { type: 'json' } }");
		const shut = await open('troupe/dist/index.js').catch((error) => error);
		expect(shut.stderr).to.include('ERR_PACKAGE_PATH_NOT_EXPORTED');
	});

	it('brings the troupe command', async () => {
		const { stdout } = await run(join(plain, 'node_modules/.bin/troupe'), ['--help'], { cwd: plain });
		expect(stdout).to.match(/^Usage: troupe /);
		const { stdout: nodes } = await run(
			join(plain, 'node_modules/.bin/troupe'),
			['nodes', '--json', '--nats', server.url],
			{ cwd: plain },
		);
		expect(JSON.parse(nodes)).to.deep.equal([]);
	});
});
