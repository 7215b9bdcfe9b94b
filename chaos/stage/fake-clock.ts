/** A wall clock that can be set, for one process: libfaketime, where it is installed. Monotonic time goes on as it is. */

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The library, or where FAKETIME_LIB says it is; Debian's package puts it below the folder of the machine's kind. */
export function fakeTimeLibrary(): string | undefined {
	const { FAKETIME_LIB } = process.env;
	if (FAKETIME_LIB) return FAKETIME_LIB;
	if (!existsSync('/usr/lib')) return undefined;
	const folders = readdirSync('/usr/lib').map((folder) => join('/usr/lib', folder, 'faketime/libfaketime.so.1'));
	return folders.find((path) => existsSync(path));
}

/** The clock of one process. */
export class FakeClock implements AsyncDisposable {
	readonly #library: string;
	readonly #folder = mkdtempSync(join(tmpdir(), 'troupe-clock-'));

	constructor(library: string) {
		this.#library = library;
		this.set(0);
	}

	/** What to run the process with. */
	get env(): NodeJS.ProcessEnv {
		return {
			LD_PRELOAD: this.#library,
			FAKETIME_TIMESTAMP_FILE: this.#file,
			FAKETIME_NO_CACHE: '1',
			FAKETIME_DONT_FAKE_MONOTONIC: '1',
		};
	}

	/** Sets it so many seconds before or after the machine's. */
	set(seconds: number): void {
		writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		rmSync(this.#folder, { recursive: true });
	}

	get #file(): string {
		return join(this.#folder, 'offset');
	}
}
