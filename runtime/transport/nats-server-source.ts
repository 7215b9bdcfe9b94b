/**
 * Where a nats-server can be fetched from: Debian's package, without root, or the pinned GitHub release. What is
 * fetched has been authenticated: by apt's signed lists, or by a SHA-256 that is written here. Nothing is installed.
 */

import { type ExecFileException, execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Says one line about what is being done. */
export type Say = (line: string) => void;

/** A place to fetch a nats-server from. */
export interface NatsServerSource {
	readonly name: 'apt' | 'github';
	/** Leaves the server's binary somewhere in the empty folder `work` and resolves to its path, or says why it cannot. */
	fetch(work: string, say: Say): Promise<string>;
}

/** The name of the executable on this platform. */
export const EXECUTABLE = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** 3 minutes: 45 MB on a slow line; nobody watches a silent terminal for longer. */
const FETCH_TIMEOUT = 180_000;

/** Debian's and Ubuntu's package, fetched and unpacked but not installed: needs apt, but neither root nor package lists. */
export const debianPackage: NatsServerSource = {
	name: 'apt',
	async fetch(work, say) {
		await run('apt-get', ['--version']);
		const quick = ['-qq', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20'];
		try {
			say("fetching Debian's nats-server package (apt-get download)");
			await run('apt-get', [...quick, 'download', 'nats-server'], { cwd: work });
		} catch {
			say('no usable package lists: fetching them into a private folder first (apt-get update)');
			const lists = join(work, 'lists');
			const cache = join(work, 'cache');
			await mkdir(join(lists, 'partial'), { recursive: true });
			await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
			const own = [...quick, '-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${cache}`];
			// One repository that is out of reach must not spoil the others: the download is what counts.
			const updated = await run('apt-get', [...own, 'update'], { cwd: work }).catch((error: Error) => error);
			await run('apt-get', [...own, 'download', 'nats-server'], { cwd: work }).catch((error: Error) => {
				throw updated instanceof Error ? updated : error;
			});
		}
		const file = (await readdir(work)).find((name) => name.endsWith('.deb'));
		if (file === undefined) throw new Error('apt-get downloaded nothing');
		await run('dpkg-deb', ['--extract', file, 'unpacked'], { cwd: work });
		return firstOf(['usr/sbin', 'usr/bin'].map((folder) => join(work, 'unpacked', folder, EXECUTABLE)));
	},
};

/** A release of nats-server and the SHA-256 of each archive that may be fetched, by platform. */
export interface NatsServerRelease {
	/** The folder of the release's files. */
	readonly url: string;
	readonly version: string;
	readonly checksums: Readonly<Record<string, string>>;
}

/**
 * The pinned release. Checksums: linux and windows from nats-io/nats-docker (2.14.x at "Releases v2.14.5, v2.12.15");
 * linux again, and darwin, from cashapp/hermit-packages, which copies the release's own SHA256SUMS. The two agree.
 */
export const PINNED_RELEASE: NatsServerRelease = {
	url: 'https://github.com/nats-io/nats-server/releases/download/v2.14.5',
	version: '2.14.5',
	checksums: {
		'linux-amd64': '5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355',
		'linux-arm64': '673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c',
		'darwin-amd64': 'f95c98d6b6ed2b63c5681b46b092c9585c99767d547cf495730c329234625e96',
		'darwin-arm64': 'ddd907854d9a2de834af133fa396915fe6442fe6d8909ae31390d1ea7a0fea50',
		'windows-amd64': 'f66f840a211ab665083b88e9b7edbcf6296cda143be47e53e6f6bb8520692bbb',
	},
};

/** This platform, in the release's words. */
export const PLATFORM = [
	process.platform === 'win32' ? 'windows' : process.platform,
	process.arch === 'x64' ? 'amd64' : process.arch,
].join('-');

/** A release's archive for this platform. It is unpacked only when its checksum is known and right. */
export function githubRelease(release: NatsServerRelease = PINNED_RELEASE): NatsServerSource {
	return {
		name: 'github',
		async fetch(work, say) {
			const checksum = release.checksums[PLATFORM];
			if (checksum === undefined) {
				throw new Error(`no checksum of nats-server ${release.version} is known for ${PLATFORM}, so it is not fetched`);
			}
			const folder = `nats-server-v${release.version}-${PLATFORM}`;
			const archive = `${folder}.${process.platform === 'win32' ? 'zip' : 'tar.gz'}`;
			const url = `${release.url}/${archive}`;
			say(`fetching ${url}`);
			await download(url, join(work, archive));
			const actual = createHash('sha256')
				.update(await readFile(join(work, archive)))
				.digest('hex');
			if (actual !== checksum) throw new Error(`${url} has SHA-256 ${actual} where ${checksum} is expected: refused`);
			await run('tar', ['-xf', archive], { cwd: work }); // Windows has a tar too, and it reads zip
			return firstOf([join(work, folder, EXECUTABLE)]);
		},
	};
}

async function download(url: string, file: string): Promise<void> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT) });
		if (!response.ok) throw new Error(`HTTP ${response.status}`);
		await writeFile(file, new Uint8Array(await response.arrayBuffer()));
	} catch (error) {
		// Node's fetch ignores HTTPS_PROXY; curl obeys it.
		await run('curl', ['--fail', '--silent', '--show-error', '--location', '--output', file, url]).catch(
			(second: Error) => {
				throw new Error(`${url}: ${reason(error)}; ${second.message}`, { cause: error });
			},
		);
	}
}

function firstOf(paths: readonly string[]): string {
	const path = paths.find((candidate) => existsSync(candidate));
	if (path === undefined) throw new Error(`what was unpacked holds no ${EXECUTABLE}`);
	return path;
}

const execute = promisify(execFile);

/** Runs a command, without a shell, and resolves to what it printed. Killed after `timeout` milliseconds. */
export async function run(
	command: string,
	args: readonly string[],
	{ cwd, timeout = FETCH_TIMEOUT }: { readonly cwd?: string; readonly timeout?: number } = {},
): Promise<string> {
	try {
		return (await execute(command, args, { cwd, timeout, killSignal: 'SIGKILL', windowsHide: true })).stdout;
	} catch (cause) {
		const { code, killed, message, stderr } = cause as ExecFileException & { readonly stderr?: string };
		if (code === 'ENOENT') throw new Error(`there is no ${command} here`, { cause });
		if (killed) throw new Error(`${command} took longer than ${timeout / 1000} s`, { cause });
		throw new Error(`${command}: ${stderr?.trim().split('\n').at(-1) || message}`, { cause });
	}
}

/** An error's message; for a failed fetch, whose message says nothing, its cause's. */
export function reason(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	return error.cause instanceof Error && error.message === 'fetch failed' ? error.cause.message : error.message;
}
