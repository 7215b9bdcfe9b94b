/**
 * Finds a nats-server on this machine, or fetches one into a cache folder: the first that works of NATS_SERVER_BIN,
 * PATH, the cache, Debian's package and the pinned GitHub release. Any number of processes may look at the same time.
 */

import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, chmod, copyFile, lstat, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { TroupeError } from '../core/errors.ts';
import {
	debianPackage,
	EXECUTABLE,
	githubRelease,
	type NatsServerSource,
	PLATFORM,
	reason,
	run,
	type Say,
} from './nats-server-source.ts';

/** A nats-server that answered when asked for its version. */
export interface FoundNatsServer {
	/** Absolute path of the executable. */
	readonly path: string;
	/** Such as `2.9.10`. */
	readonly version: string;
	/** Where it was found, or fetched from by this call. */
	readonly source: 'NATS_SERVER_BIN' | 'PATH' | 'cache' | 'apt' | 'github';
}

/** Options of {@link findNatsServer}. */
export interface FindNatsServerOptions {
	/** Told, line by line, what is done. Default: silence. */
	readonly say?: Say;
	/** Where a fetched server is kept. Default: `$XDG_CACHE_HOME/troupe`, `~/.cache/troupe`, or one in the temp folder. */
	readonly cacheFolder?: string;
	/** Where NATS_SERVER_BIN, PATH, XDG_CACHE_HOME and HOME are read. Default: `process.env`. */
	readonly env?: NodeJS.ProcessEnv;
}

/** Where to look beside the environment; a spec looks elsewhere. @internal */
export interface Places {
	/** Folders searched after those of PATH. */
	readonly folders: readonly string[];
	/** Asked in this order when none was found. */
	readonly sources: readonly NatsServerSource[];
}

const PLACES: Places = {
	// Debian installs into /usr/sbin, which an ordinary user's PATH often lacks.
	folders: process.platform === 'win32' ? [] : ['/usr/local/sbin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'],
	sources: [debianPackage, githubRelease()],
};

/** 2.9 is the oldest server that the runtime is tested with. */
const OLDEST = { major: 2, minor: 9 };

/** 10 s: a cold start from a slow disk; a healthy one takes 30 ms. */
const VERSION_TIMEOUT = 10_000;

/**
 * Finds a nats-server of 2.9 or newer, or fetches one: looks in `NATS_SERVER_BIN`, `PATH` and the usual system folders,
 * the cache, then asks apt (no root needed) and GitHub (checksum pinned).
 *
 * @throws TroupeError `ERR_NATS_SERVER` when `NATS_SERVER_BIN` is set but does not work, or when nothing was found and
 * nothing could be fetched; the message lists what was tried and the remedy.
 */
export async function findNatsServer(
	options: FindNatsServerOptions = {},
	places: Places = PLACES,
): Promise<FoundNatsServer> {
	const { say = () => {}, env = process.env } = options;
	const found = await look(env, options.cacheFolder, say, places);
	say(`nats-server ${found.version} (${found.source}): ${found.path}`);
	return found;
}

async function look(
	env: NodeJS.ProcessEnv,
	cacheFolder: string | undefined,
	say: Say,
	places: Places,
): Promise<FoundNatsServer> {
	const { NATS_SERVER_BIN, PATH = '' } = env;
	if (NATS_SERVER_BIN) return named(resolve(NATS_SERVER_BIN));

	const tried: string[] = [];
	const check = async (path: string, source: FoundNatsServer['source']): Promise<FoundNatsServer | undefined> => {
		if (!existsSync(path)) return undefined;
		try {
			return { path, version: await versionOf(path), source };
		} catch (error) {
			tried.push(`${source}: ${reason(error)}`);
			return undefined;
		}
	};

	for (const folder of new Set([...PATH.split(delimiter).filter(isAbsolute), ...places.folders])) {
		const found = await check(join(folder, EXECUTABLE), 'PATH');
		if (found) return found;
	}
	tried.push(`PATH: no working ${EXECUTABLE} in its folders${places.folders.map((folder) => `, ${folder}`).join('')}`);

	const cache = await openCache(cacheFolder, env);
	if (cache === undefined) tried.push('cache: not writable, so nothing is fetched (XDG_CACHE_HOME names its folder)');
	const cached = join(cache ?? '', `${PLATFORM}-${EXECUTABLE}`);
	const found = cache && (await check(cached, 'cache'));
	if (found) return found;

	for (const source of cache === undefined ? [] : places.sources) {
		const work = await mkdtemp(join(tmpdir(), 'troupe-fetch-'));
		try {
			return { path: cached, version: await keep(await source.fetch(work, say), cached), source: source.name };
		} catch (error) {
			tried.push(`${source.name}: ${reason(error)}`);
		} finally {
			await rm(work, { recursive: true, force: true });
		}
	}
	throw new TroupeError(
		'ERR_NATS_SERVER',
		`no nats-server was found and none could be fetched. Tried:\n${tried.map((line) => `  ${line}`).join('\n')}\n` +
			'Install nats-server 2.9 or newer (https://nats.io/download), or name its executable in NATS_SERVER_BIN.',
	);
}

/** The user chose this one: when it does not work, that is an error and no reason to pick another. */
async function named(path: string): Promise<FoundNatsServer> {
	try {
		return { path, version: await versionOf(path), source: 'NATS_SERVER_BIN' };
	} catch (cause) {
		throw new TroupeError(
			'ERR_NATS_SERVER',
			`NATS_SERVER_BIN names ${path}, which does not work: ${reason(cause)}. Correct or unset it.`,
			{ cause },
		);
	}
}

async function versionOf(path: string): Promise<string> {
	const printed = await run(path, ['--version'], { timeout: VERSION_TIMEOUT });
	const [, version, major, minor] = /^nats-server: v((\d+)\.(\d+)\.\S+)/m.exec(printed) ?? [];
	if (version === undefined) throw new Error(`${path} is no nats-server: it printed ${JSON.stringify(printed)}`);
	if (Number(major) < OLDEST.major || (Number(major) === OLDEST.major && Number(minor) < OLDEST.minor)) {
		throw new Error(`${path} is nats-server ${version}, older than ${OLDEST.major}.${OLDEST.minor}`);
	}
	return version;
}

/** Puts a fetched binary into the cache in one step, so that others see the old one, none, or the whole new one. */
async function keep(binary: string, cached: string): Promise<string> {
	const arriving = `${cached}.${randomUUID()}`;
	try {
		await copyFile(binary, arriving);
		await chmod(arriving, 0o755);
		const version = await versionOf(arriving);
		await rename(arriving, cached);
		return version;
	} finally {
		await rm(arriving, { force: true });
	}
}

/** The folder to keep a fetched server in, if any can be written to. */
async function openCache(given: string | undefined, env: NodeJS.ProcessEnv): Promise<string | undefined> {
	const { XDG_CACHE_HOME = '', HOME } = env;
	const root = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(HOME || homedir(), '.cache');
	const folder = resolve(given ?? join(root, 'troupe'));
	if (await isOpen(folder)) return folder;

	// Anybody may make a folder in the temp folder, and what lies in this one gets run: only our own will do.
	const uid = process.getuid?.();
	const shared = join(tmpdir(), `troupe-${uid ?? 'cache'}`);
	if (given === undefined && (await isOpen(shared))) {
		const ours = await lstat(shared);
		if (ours.isDirectory() && (uid === undefined || (ours.uid === uid && (ours.mode & 0o022) === 0))) return shared;
	}
	return undefined;
}

/** Makes the folder if need be; whether it can be written to. */
async function isOpen(folder: string): Promise<boolean> {
	try {
		await mkdir(folder, { recursive: true, mode: 0o700 });
		await access(folder, constants.W_OK);
		return true;
	} catch {
		return false;
	}
}
