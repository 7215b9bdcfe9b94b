/** The demo of the orders: everything is killed with -9, and every acknowledged order is booked once. */

import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const MAIN = fileURLToPath(new URL(`../../demo/orders/main${extname(import.meta.url)}`, import.meta.url));

describe('the demo of the orders', function () {
	this.timeout(90_000);

	it('books each acknowledged order once, though the shop, the workers and NATS are killed with -9', async () => {
		const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--orders', '8000', '--kills', '1']);
		expect(stdout).to.match(/^acknowledged 8000, lost 0, effects twice 0; everything was killed 1 times/m);
	});
});
