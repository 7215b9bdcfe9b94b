/**
 * Which file a program is, and what may be said of its environment. The node decides the first, by its own `PATH`: what is
 * allowed by its name must not become another file because a caller says so, in the environment or elsewhere.
 */

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The file of a program, by a bare name or an absolute path; `undefined` when this node has none that can be run. */
export function executableOf(program: string): string | undefined {
	// The command that begins it would take a name with an equals sign for a variable.
	if (program.includes('=') || program.includes('\0')) return undefined;
	if (isAbsolute(program)) return canRun(program) ? program : undefined;
	if (program.includes('/')) return undefined;
	const folders = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
	return folders.map((folder) => join(folder, program)).find(canRun);
}

/** What every program may know of its node. */
export function inherited(): Record<string, string> {
	const names = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];
	return Object.fromEntries(
		names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
	);
}

/**
 * The first variable that a caller may not set: one whose name a shell could take for a function, the search path, and what
 * tells the dynamic linker to load other code into whatever is run.
 */
export function forbiddenIn(env: Readonly<Record<string, string>>): string | undefined {
	return Object.keys(env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || /^(PATH$|LD_|DYLD_)/.test(name));
}

function canRun(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}
