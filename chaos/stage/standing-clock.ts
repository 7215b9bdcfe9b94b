/**
 * A monotonic clock that can stand still while the wall clock goes on, for one process: as in a virtual machine that was
 * suspended. libfaketime moves both or the wall clock alone, so this is a library of its own, made by the C compiler.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BEHIND = 'TROUPE_CHAOS_CLOCK_BEHIND';

/** The file holds the nanoseconds by which the process is behind; it is mapped, so that a change counts at once. */
const SOURCE = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile long long *behind;

__attribute__((constructor)) static void begin(void) {
	const char *path = getenv("${BEHIND}");
	int file = path ? open(path, O_RDONLY) : -1;
	if (file < 0) return;
	void *page = mmap(0, sizeof *behind, PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (page != MAP_FAILED) behind = page;
}

int clock_gettime(clockid_t id, struct timespec *time) {
	int failed = syscall(SYS_clock_gettime, id, time);
	if (failed || !behind) return failed;
	if (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_COARSE && id != CLOCK_MONOTONIC_RAW) return 0;
	long long now = time->tv_sec * 1000000000LL + time->tv_nsec - *behind;
	time->tv_sec = now / 1000000000LL;
	time->tv_nsec = now % 1000000000LL;
	return 0;
}
`;

/** The monotonic clock of one process. */
export class StandingClock implements AsyncDisposable {
	readonly #folder: string;

	private constructor(folder: string) {
		this.#folder = folder;
		this.stoodStill(0);
	}

	/** Makes it; `undefined` where there is no C compiler, or no way to have a process load such a library. */
	static make(): StandingClock | undefined {
		const folder = mkdtempSync(join(tmpdir(), 'troupe-clock-'));
		const compiler = ['-shared', '-fPIC', '-O2', '-o', join(folder, 'clock.so'), '-x', 'c', '-'];
		const made = process.platform === 'linux' && spawnSync('cc', compiler, { input: SOURCE }).status === 0;
		if (made) return new StandingClock(folder);
		rmSync(folder, { recursive: true });
		return undefined;
	}

	/** What to run the process with. */
	get env(): NodeJS.ProcessEnv {
		return { LD_PRELOAD: join(this.#folder, 'clock.so'), [BEHIND]: this.#file };
	}

	/** So many milliseconds in all. To be told while the process is frozen, for no longer than it was. */
	stoodStill(milliseconds: number): void {
		const nanoseconds = new BigInt64Array([BigInt(Math.round(milliseconds)) * 1_000_000n]);
		// In place: a process that has mapped a file that is cut to nothing meanwhile is killed.
		const file = openSync(this.#file, constants.O_CREAT | constants.O_WRONLY);
		writeSync(file, nanoseconds);
		closeSync(file);
	}

	/** A file that goes when the clock does. */
	beside(name: string): string {
		return join(this.#folder, name);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		rmSync(this.#folder, { recursive: true });
	}

	get #file(): string {
		return this.beside('behind');
	}
}
