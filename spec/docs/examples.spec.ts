/** The pages are true: their examples run and print what they say, their code is that of the files, their proofs exist. */

import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { ERROR_CODES } from '../../index.ts';
import type { NatsServer } from '../../runtime/transport/nats-server.ts';
import { startServer } from '../support/nats.ts';
import {
	brokenLinksOf,
	evidenceOf,
	looseQuotesOf,
	pages,
	printsOf,
	proofsOf,
	quotesOf,
	ROOT,
	read,
	regionOf,
} from './pages.ts';

const run = promisify(execFile);
const COMPILED = fileURLToPath(new URL('../../docs/examples', import.meta.url));
/** What an example says for "your NATS server". */
const YOURS = 'nats://127.0.0.1:4222';
const SOURCES = (await readdir(join(ROOT, 'docs/examples'))).filter((file) => file.endsWith('.ts'));
const PAGES = await pages();

describe('an example', () => {
	let server: NatsServer;

	before(async () => {
		server = await startServer();
	});

	after(() => server.stop());

	/** Runs the compiled example, on the server of this spec where it names one. */
	async function output(example: string): Promise<string> {
		const compiled = join(COMPILED, example.replace(/\.ts$/, '.js'));
		const code = await readFile(compiled, 'utf8');
		if (!code.includes(YOURS)) return (await run(process.execPath, [compiled])).stdout;
		const copy = compiled.replace(/\.js$/, `.${process.pid}.js`);
		await writeFile(copy, code.replaceAll(YOURS, server.url));
		try {
			return (await run(process.execPath, [copy])).stdout;
		} finally {
			await rm(copy);
		}
	}

	for (const example of SOURCES) {
		it(`prints what it says: ${example}`, async () => {
			const expected = printsOf(await read(join('docs/examples', example)));
			expect(expected, 'a comment at its end: /* prints … */').to.be.a('string');
			expect(await output(example)).to.equal(expected);
		});
	}

	it('stands on a page', async () => {
		const quoted = (await Promise.all(PAGES.map(quotesOf))).flat().map(({ file }) => file);
		expect(SOURCES.filter((source) => !quoted.includes(`docs/examples/${source}`))).to.deep.equal([]);
	});
});

describe('a page', () => {
	for (const page of PAGES) {
		it(`has its TypeScript from examples, to the letter: ${page}`, async () => {
			const quotes = await quotesOf(page);
			for (const { file, region, text } of quotes) {
				const source = await read(file);
				expect(text, `${file}#${region}`).to.equal(region === undefined ? printsOf(source) : regionOf(source, region));
			}
			const blocks = (await read(page)).match(/^```ts$/gm) ?? [];
			expect(blocks).to.have.lengthOf(quotes.filter(({ region }) => region !== undefined).length);
		});

		it(`names proofs and links to places that exist: ${page}`, async () => {
			for (const { spec, title } of await proofsOf(page)) {
				const titles = (await read(spec)).replaceAll("\\'", "'");
				const found = ["'", '"', '`'].some((quote) => titles.includes(`${quote}${title}${quote}`));
				expect(found, `${spec}: ${title}`).to.equal(true);
			}
			expect(await brokenLinksOf(page)).to.deep.equal([]);
		});
	}

	it('has the proof of every promise: docs/semantics.md', async () => {
		expect((await proofsOf('docs/semantics.md')).length).to.be.above(60);
		expect(await looseQuotesOf('docs/semantics.md')).to.deep.equal([]);
	});

	it('names rules of the simulation, scenarios and figures as they are: docs/semantics.md', async () => {
		const evidence = await evidenceOf('docs/semantics.md');
		expect(new Set(evidence.map(({ on }) => on)).size).to.equal(3);
		for (const { text, on } of evidence) expect((await read(on)).replaceAll(/\s+/g, ' '), on).to.include(text);
	});

	it('explains every error code: docs/errors.md', async () => {
		const text = await read('docs/errors.md');
		expect(Object.keys(ERROR_CODES).filter((code) => !text.includes(`| \`${code}\` |`))).to.deep.equal([]);
	});
});
