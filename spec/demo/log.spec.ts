/** The demo of the log: workers are killed at random, and the result is that of awk. */

import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const MAIN = fileURLToPath(new URL(`../../demo/log/main${extname(import.meta.url)}`, import.meta.url));

describe('the demo of the log', function () {
	this.timeout(60_000);

	it('has the result of awk, though the processes of its workers are killed with -9 meanwhile', async () => {
		const { stdout } = await promisify(execFile)(process.execPath, [
			MAIN,
			'--lines',
			'40000',
			'--rate',
			'10000',
			'--every',
			'700',
		]);
		const [, taken, killed] = /^equal: .*; (\d+) lines in .*, (\d+) processes killed/m.exec(stdout) ?? [];
		expect(Number(taken), stdout).to.equal(40_000);
		expect(Number(killed)).to.be.at.least(2);
	});
});
