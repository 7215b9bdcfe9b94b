/** The comparison in the demo is worth something only if chunks add up to the whole, and a difference shows. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { add, analyse, emptyTally, type Tally } from '../../demo/analysis.ts';
import { chunksOf } from '../../demo/input/chunks.ts';
import { LONGEST_LINE } from '../../demo/input/lines.ts';
import { walk } from '../../demo/input/walk.ts';
import { plainRun } from '../../demo/plain.ts';
import { digestOf } from '../../demo/show/findings.ts';

const CODE = `import { a } from '@scope/pack/deep'; const b = require("lodash/fp"); // SPDX-License-Identifier: MIT\n`;

const FILES: Readonly<Record<string, string | Buffer>> = {
	'code.js': CODE.repeat(5_000),
	'empty.txt': '',
	'newlines.txt': '\n'.repeat(3 * LONGEST_LINE),
	'one-line.min.js': CODE.trim().repeat(5_000),
	'as-long-as-may-be.txt': `${'x'.repeat(LONGEST_LINE - 1)}\nconst\n`,
	'one-more.txt': `${'x'.repeat(LONGEST_LINE)}\nconst\n`,
	'no-end.txt': 'return',
	'umlauts.txt': 'é'.repeat(LONGEST_LINE + 1),
	'half-a-letter.txt': Buffer.concat([Buffer.from([0xe2, 0x82, 0x0a, 0xff]), Buffer.alloc(LONGEST_LINE, 'y')]),
	'noise.bin': Buffer.from(Array.from({ length: 3 * LONGEST_LINE }, (_, at) => (at * 7_919) % 256)),
};

describe('the analysis of the demo', () => {
	let folder: string;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'troupe-analysis-'));
		for (const [name, content] of Object.entries(FILES)) await writeFile(join(folder, name), content);
	});

	after(() => rm(folder, { recursive: true }));

	async function inChunks(): Promise<Tally> {
		const { root, files } = await walk(folder);
		const parts: Tally[] = [];
		for (const file of files) for await (const chunk of chunksOf(root, file)) parts.push(analyse(chunk));
		const whole = emptyTally();
		for (const part of parts.reverse()) add(whole, part);
		return whole;
	}

	it('finds in chunks, added up in any order, what it finds in whole files', async () => {
		const [chunks, plain] = [await inChunks(), await plainRun(await walk(folder))];
		expect(chunks.extensions).to.deep.equal(plain.extensions);
		expect(digestOf(chunks)).to.equal(digestOf(plain));
	});

	it('counts what there is', async () => {
		const { extensions, imports, licences, words } = await inChunks();
		expect(extensions.get('.bin')).to.include({ files: 1, binary: 1, bytes: 3 * LONGEST_LINE, lines: 0 });
		expect(imports.get('@scope/pack')).to.be.greaterThan(5_000);
		expect(imports.get('lodash')).to.be.greaterThan(5_000);
		expect(licences.get('MIT')).to.be.at.least(5_000);
		expect(words.get('return')).to.equal(1);
	});

	it('notices a single byte that differs', async () => {
		const before = digestOf(await inChunks());
		await writeFile(join(folder, 'no-end.txt'), 'retorn');
		expect(digestOf(await inChunks())).not.to.equal(before);
	});

	it('cuts no file into chunks with the same ID', async () => {
		const { root, files } = await walk(folder);
		const ids: string[] = [];
		for (const file of files) for await (const { id } of chunksOf(root, file)) ids.push(id);
		expect(new Set(ids).size).to.equal(ids.length);
	});

	it('stops listing at the limit, in the middle of a file if need be', async () => {
		const { files, cut } = await walk(join(folder, 'newlines.txt'), 1_000);
		expect(files).to.deep.equal([{ path: 'newlines.txt', size: 1_000 }]);
		expect(cut).to.equal(true);
	});
});
