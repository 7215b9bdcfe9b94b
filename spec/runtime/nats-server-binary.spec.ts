/** Finding a nats-server on a fresh machine: stub servers and a loopback release, then apt itself where there is one. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { isTroupeError, type TroupeError } from '../../runtime/core/errors.ts';
import { type FoundNatsServer, findNatsServer, type Places } from '../../runtime/transport/nats-server-binary.ts';
import {
	debianPackage,
	githubRelease,
	type NatsServerSource,
	PINNED_RELEASE,
	PLATFORM,
} from '../../runtime/transport/nats-server-source.ts';

const NOBODY = 65_534;
const NOWHERE: Places = { folders: [], sources: [] };
let folder: string;

/** Each spec of the group gets an empty `folder`. */
function inFolder(): void {
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'nats-server-binary-spec-'));
		chmodSync(folder, 0o777); // another user writes there too
	});

	afterEach(() => rmSync(folder, { recursive: true, force: true }));
}

describe('finding a nats-server', () => {
	inFolder();

	it('takes the one that NATS_SERVER_BIN names', async () => {
		const path = stub('mine', 'nats-server: v2.11.3');
		stub('path/nats-server', 'nats-server: v2.10.0');
		const found = await find({ NATS_SERVER_BIN: path, PATH: join(folder, 'path') });
		expect(found).to.deep.equal({ path, version: '2.11.3', source: 'NATS_SERVER_BIN' });
	});

	for (const [what, make] of [
		['is not there', () => join(folder, 'absent')],
		['is something else', () => stub('other', 'hello')],
		['fails', () => stub('broken', 'nats-server: v2.11.3', 1)],
		['is too old', () => stub('old', 'nats-server: v2.8.4')],
	] as const) {
		it(`refuses a NATS_SERVER_BIN that ${what}, and picks no other`, async () => {
			const path = make();
			stub('path/nats-server', 'nats-server: v2.10.0');
			const error = await failure(find({ NATS_SERVER_BIN: path, PATH: join(folder, 'path') }));
			expect(error.message).to.include(`NATS_SERVER_BIN names ${path}`);
		});
	}

	it('finds one in PATH, passing over those that do not work', async () => {
		stub('a/nats-server', 'nats-server: v2.1.9');
		stub('b/nats-server', 'nats-server: v2.11.3', 1);
		const path = stub('c/nats-server', 'nats-server: v2.12.0-RC.1');
		const PATH = ['a', 'b', 'c'].map((name) => join(folder, name)).join(delimiter);
		expect(await find({ PATH })).to.deep.equal({ path, version: '2.12.0-RC.1', source: 'PATH' });
	});

	it("finds one in a system folder that an ordinary user's PATH lacks", async () => {
		const path = stub('sbin/nats-server', 'nats-server: v2.9.10');
		expect(await find({}, { folders: [dirname(path)], sources: [] })).to.include({ path, source: 'PATH' });
	});

	it('fetches one when there is none, says so, and finds it in the cache the next time', async () => {
		const said: string[] = [];
		const fetched = await find({}, fetching('nats-server: v2.10.7'), (line) => said.push(line));
		expect(fetched).to.include({ version: '2.10.7', source: 'apt' });
		expect(said.join('\n')).to.include('made on the spot').and.include(fetched.path);
		expect(await find({})).to.deep.equal({ ...fetched, source: 'cache' });
		expect(kept()).to.have.length(1);
	});

	it('replaces a cached one that no longer works', async () => {
		const { path } = await find({}, fetching('nats-server: v2.10.7'));
		writeFileSync(path, 'half a fi');
		const again = await find({}, fetching('nats-server: v2.10.8'));
		expect(again).to.deep.equal({ path, version: '2.10.8', source: 'apt' });
	});

	it('does not keep what does not run', async () => {
		const error = await failure(find({}, fetching('who is there?')));
		expect(error.message).to.include('is no nats-server');
		expect(kept()).to.deep.equal([]);
	});

	it('asks the next source when one fails', async () => {
		const sources = [failing('the moon is full'), ...fetching('nats-server: v2.10.7').sources];
		expect(await find({}, { folders: [], sources })).to.include({ version: '2.10.7' });
	});

	it('tells everything it tried, and the remedy, when nothing helps', async () => {
		const PATH = dirname(stub('a/nats-server', 'nats-server: v2.1.9'));
		const places = { folders: ['/no/such/folder'], sources: [failing('the moon is full')] };
		const { message } = await failure(find({ PATH }, places));
		for (const part of ['2.1.9', '/no/such/folder', 'github: the moon is full', 'NATS_SERVER_BIN']) {
			expect(message).to.include(part);
		}
	});

	it('keeps its cache in XDG_CACHE_HOME, or else under the home folder', async () => {
		const places = fetching('nats-server: v2.10.7');
		const xdg = await findNatsServer({ env: { XDG_CACHE_HOME: join(folder, 'xdg'), HOME: folder } }, places);
		expect(dirname(xdg.path)).to.equal(join(folder, 'xdg', 'troupe'));
		const home = await findNatsServer({ env: { HOME: join(folder, 'home') } }, places);
		expect(dirname(home.path)).to.equal(join(folder, 'home', '.cache', 'troupe'));
	});

	it('keeps its cache in a temp folder of its own when the home folder is not writable', async () => {
		const temp = await withEnv({ TMPDIR: folder }, () =>
			findNatsServer({ env: { HOME: '/dev/null' } }, fetching('nats-server: v2.10.7')),
		);
		expect(dirname(temp.path)).to.match(new RegExp(`^${folder}/troupe-`));
	});

	it('runs nothing out of a temp folder that others may write to', async () => {
		const shared = join(folder, `troupe-${process.getuid?.()}`);
		stub(`troupe-${process.getuid?.()}/${PLATFORM}-nats-server`, 'nats-server: v6.6.6');
		chmodSync(shared, 0o777);
		const look = withEnv({ TMPDIR: folder }, () => findNatsServer({ env: { HOME: '/dev/null' } }, NOWHERE));
		expect((await failure(look)).message).to.include('not writable');
	});
});

describe('fetching a nats-server from a release', () => {
	inFolder();

	let http: Server;
	let url: string;
	let archive: Buffer;

	beforeEach(async () => {
		const name = `nats-server-v9.9.9-${PLATFORM}`;
		stub(`${name}/nats-server`, 'nats-server: v9.9.9');
		execFileSync('tar', ['-czf', 'archive.tar.gz', name], { cwd: folder });
		archive = readFileSync(join(folder, 'archive.tar.gz'));
		http = createServer((request, response) => {
			if (request.url === `/v9.9.9/${name}.tar.gz`) response.end(archive);
			else response.writeHead(404).end();
		}).listen(0, '127.0.0.1');
		await once(http, 'listening');
		url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/v9.9.9`;
	});

	afterEach(() => {
		http.closeAllConnections();
		http.close();
	});

	function fetchFrom(base: string, checksums: Record<string, string>): Promise<FoundNatsServer> {
		return find({}, { folders: [], sources: [githubRelease({ url: base, version: '9.9.9', checksums })] });
	}

	it('accepts an archive whose checksum is the pinned one', async () => {
		const found = await fetchFrom(url, { [PLATFORM]: sha256(archive) });
		expect(found).to.include({ version: '9.9.9', source: 'github' });
	});

	it('refuses an archive with any other checksum, and keeps nothing of it', async () => {
		const { message } = await failure(fetchFrom(url, { [PLATFORM]: sha256(Buffer.from('another')) }));
		expect(message).to.include(sha256(archive)).and.include('refused');
		expect(kept()).to.deep.equal([]);
	});

	it('refuses a platform without a known checksum, before any download', async () => {
		const { message } = await failure(fetchFrom('http://127.0.0.1:1', { 'vax-vms': sha256(archive) }));
		expect(message).to.include(`no checksum of nats-server 9.9.9 is known for ${PLATFORM}`);
	});

	it('tells why when the release cannot be reached', async () => {
		const absent = await failure(fetchFrom(`${url}/elsewhere`, { [PLATFORM]: sha256(archive) }));
		expect(absent.message).to.include('HTTP 404');
		const refused = await failure(fetchFrom('http://127.0.0.1:1', { [PLATFORM]: sha256(archive) }));
		expect(refused.message).to.include('http://127.0.0.1:1/');
	});

	it('leaves one whole server in the cache when several processes fetch at once', async () => {
		const release = { url, version: '9.9.9', checksums: { [PLATFORM]: sha256(archive) } };
		const finders = Array.from({ length: 4 }, () => findElsewhere(`githubRelease(${JSON.stringify(release)})`, {}));
		for (const found of await Promise.all(finders)) expect(found).to.include({ version: '9.9.9' });
		expect(kept()).to.have.length(1);
	});

	it('pins a checksum for each common platform', () => {
		expect(PINNED_RELEASE.checksums).to.have.all.keys(
			'linux-amd64',
			'linux-arm64',
			'darwin-amd64',
			'darwin-arm64',
			'windows-amd64',
		);
		for (const sum of Object.values(PINNED_RELEASE.checksums)) expect(sum).to.match(/^[0-9a-f]{64}$/);
		expect(PINNED_RELEASE.url.endsWith(`/v${PINNED_RELEASE.version}`)).to.equal(true);
	});
});

describe("fetching Debian's nats-server package", function () {
	this.timeout(240_000);
	inFolder();

	beforeEach(function () {
		if (!existsSync('/usr/bin/apt-get')) this.skip();
	});

	it('unpacks it into the cache, and installs nothing', async function () {
		const found = await orSkipOffline(this, find({}, { folders: [], sources: [debianPackage] }));
		expect(found.source).to.equal('apt');
		expect(dirname(found.path)).to.equal(join(folder, 'cache'));
	});

	it('needs no package lists', async function () {
		const found = await orSkipOffline(this, findElsewhere('debianPackage', { APT_CONFIG: noLists() }));
		expect(found).to.include({ source: 'apt' });
	});

	it('needs neither root nor package lists', async function () {
		if (process.getuid?.() !== 0 || !readableBy(NOBODY)) this.skip(); // without root, the spec before has shown it
		const found = await orSkipOffline(this, findElsewhere('debianPackage', { APT_CONFIG: noLists() }, NOBODY));
		expect(found).to.include({ source: 'apt' });
	});

	it('says so on a machine without apt', async () => {
		const look = withEnv({ PATH: folder }, () => find({}, { folders: [], sources: [debianPackage] }));
		expect((await failure(look)).message).to.include('apt: there is no apt-get here');
	});

	/** A machine whose apt has never been updated. */
	function noLists(): string {
		const config = join(folder, 'apt.conf');
		mkdirSync(join(folder, 'no-lists', 'partial'), { recursive: true });
		writeFileSync(config, `Dir::State::lists "${join(folder, 'no-lists')}";\n`);
		return config;
	}

	async function orSkipOffline<T>(context: Mocha.Context, work: Promise<T>): Promise<T> {
		return work.catch((error: Error) => {
			if (/resolve|connect|unreachable|timed out|Failed to fetch/i.test(error.message)) context.skip();
			throw error;
		});
	}
});

function find(env: NodeJS.ProcessEnv, places = NOWHERE, say?: (line: string) => void): Promise<FoundNatsServer> {
	return findNatsServer({ env, cacheFolder: join(folder, 'cache'), ...(say && { say }) }, places);
}

/** The same in a process of its own, perhaps as another user. `source` is the expression of the one source. */
async function findElsewhere(source: string, env: NodeJS.ProcessEnv, uid = process.getuid?.()): Promise<unknown> {
	const modules = ['binary', 'source'].map((part) =>
		JSON.stringify(new URL(`../../runtime/transport/nats-server-${part}.js`, import.meta.url).href),
	);
	const script = `
		import { findNatsServer } from ${modules[0]};
		import { debianPackage, githubRelease } from ${modules[1]};
		const options = { env: {}, cacheFolder: ${JSON.stringify(join(folder, 'cache'))} };
		const found = await findNatsServer(options, { folders: [], sources: [${source}] });
		console.log(JSON.stringify(found));`;
	const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
		cwd: tmpdir(),
		env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		...(uid !== undefined && uid !== process.getuid?.() && { uid, gid: uid }),
	});
	const [printed, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
	if (printed === '') throw new Error(complaint);
	return JSON.parse(printed);
}

/** Whether that user can run this checkout at all. */
function readableBy(uid: number): boolean {
	const script = ['--eval', 'fs.readFileSync(process.argv[1])', import.meta.filename];
	return spawnSync(process.execPath, script, { cwd: '/', uid, gid: uid }).status === 0;
}

/** An executable that prints one line. */
function stub(name: string, line: string, exitCode = 0): string {
	const path = join(folder, name);
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	writeFileSync(path, `#!/bin/sh\necho "${line}"\nexit ${exitCode}\n`, { mode: 0o755 });
	return path;
}

function fetching(line: string): Places {
	const source: NatsServerSource = {
		name: 'apt',
		async fetch(work, say) {
			say('made on the spot');
			writeFileSync(join(work, 'fetched'), `#!/bin/sh\necho "${line}"\n`);
			return join(work, 'fetched');
		},
	};
	return { folders: [], sources: [source] };
}

function failing(why: string): NatsServerSource {
	return { name: 'github', fetch: () => Promise.reject(new Error(why)) };
}

function kept(): string[] {
	return readdirSync(join(folder, 'cache'));
}

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}

async function failure(work: Promise<unknown>): Promise<TroupeError> {
	const error = await work.then(
		() => expect.fail('it succeeded'),
		(reason: unknown) => reason,
	);
	if (!isTroupeError(error)) throw error;
	expect(error.code).to.equal('ERR_NATS_SERVER');
	return error;
}

async function withEnv<T>(env: Record<string, string>, work: () => Promise<T>): Promise<T> {
	const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
	Object.assign(process.env, env);
	try {
		return await work();
	} finally {
		for (const [name, value] of before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	}
}
