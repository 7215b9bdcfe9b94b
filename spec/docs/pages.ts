/** What the pages say in code, and what the examples behind it say: blocks of Markdown, regions and outputs of files. */

import { existsSync, realpathSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, wherever its compiled specs lie. */
export const ROOT = dirname(realpathSync(fileURLToPath(new URL('../../../package.json', import.meta.url))));

/** A block of a page that claims to be part of a file. */
export interface Quote {
	readonly page: string;
	/** Such as `docs/examples/counter.ts`. */
	readonly file: string;
	/** A `#region` of it; without one, the block is what the example prints. */
	readonly region: string | undefined;
	readonly text: string;
}

/** A claim of a page that a spec proves it. */
export interface Proof {
	readonly page: string;
	readonly spec: string;
	readonly title: string;
}

const QUOTE =
	/^<!-- (?<file>docs\/examples\/[\w-]+\.ts)(?:#(?<region>[\w-]+)| prints) -->\n```\w+\n(?<text>.*?)^```$/gms;
const PROOF = /\[[^\]]*\]\((?:\.\.\/)*(?<spec>spec\/[\w/.-]+\.spec\.ts)\):(?<titles>(?:\s*“[^”]+”[;,.]?)+)/g;

/** README.md, SECURITY.md and every page under docs. */
export async function pages(): Promise<string[]> {
	const docs = await readdir(join(ROOT, 'docs'), { recursive: true });
	return [
		'README.md',
		'SECURITY.md',
		...docs.filter((file) => file.endsWith('.md')).map((file) => join('docs', file)),
	].sort();
}

/** The text of a file of the project. */
export function read(file: string): Promise<string> {
	return readFile(join(ROOT, file), 'utf8');
}

/** The blocks of a page that are quoted from examples. */
export async function quotesOf(page: string): Promise<Quote[]> {
	return Array.from((await read(page)).matchAll(QUOTE), ({ groups }) => {
		const { file = '', region, text = '' } = groups ?? {};
		return { page, file, region, text };
	});
}

/** The specs that a page names as proofs. */
export async function proofsOf(page: string): Promise<Proof[]> {
	return Array.from((await read(page)).matchAll(PROOF), ({ groups }) => {
		const { spec = '', titles = '' } = groups ?? {};
		return Array.from(titles.matchAll(/“([^”]+)”/g), ([, title = '']) => ({
			page,
			spec,
			title: title.replaceAll(/\s+/g, ' '),
		}));
	}).flat();
}

/** Titles in a page's “quotation marks” that no spec beside them is named for. */
export async function looseQuotesOf(page: string): Promise<string[]> {
	const proven = (await proofsOf(page)).map(({ title }) => title);
	const quoted = Array.from((await read(page)).matchAll(/“([^”]+)”/g), ([, title = '']) =>
		title.replaceAll(/\s+/g, ' '),
	);
	return quoted.filter((title) => !proven.includes(title));
}

/** What a page's table of evidence names, each with the page on which it has to be found. */
export async function evidenceOf(page: string): Promise<{ readonly text: string; readonly on: string }[]> {
	const rows =
		(await read(page))
			.match(/^\| promise \|.*?\n\n/ms)?.[0]
			.split('\n')
			.slice(2) ?? [];
	return rows.flatMap((row) => {
		const [, , rules = '', scenarios = '', figures = ''] = row.split(/(?<!\\)\|/);
		const named = (cell: string, pattern: RegExp, on: string): { text: string; on: string }[] =>
			Array.from(cell.matchAll(pattern), ([, text = '']) => ({ text, on }));
		return [
			...named(rules, /_([^_]+)_/g, 'docs/simulation.md'),
			...named(scenarios, /`([^`]+)`/g, 'chaos/scenarios.ts'),
			...named(figures, /\*\*(.+?)\*\*/g, 'docs/chaos.md'),
		];
	});
}

/** Where a page's links lead that lead nowhere: files that are not there, headings that their page does not have. */
export async function brokenLinksOf(page: string): Promise<string[]> {
	const broken: string[] = [];
	for (const [, path = '', heading] of (await read(page)).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
		const file = path === '' ? page : join(dirname(page), path);
		if (!existsSync(join(ROOT, file))) broken.push(file);
		else if (heading !== undefined && !(await headingsOf(file)).includes(heading)) broken.push(`${file}#${heading}`);
	}
	return broken;
}

/** Headings as GitHub names them in links. */
async function headingsOf(page: string): Promise<string[]> {
	const headings = Array.from((await read(page)).matchAll(/^#+ (.+)$/gm), ([, heading = '']) => heading.toLowerCase());
	return headings.map((heading) => heading.replaceAll(/[^\w\s-]/g, '').replaceAll(' ', '-'));
}

/** An example as a reader of the page has it: imported by the package's name. */
export function regionOf(source: string, region: string): string | undefined {
	const inside = new RegExp(`^// #region ${region}\n(.*?)^// #endregion$`, 'ms').exec(source)?.[1];
	return inside?.replaceAll("'../../index.ts'", "'troupe'").replaceAll("'../../testkit.ts'", "'troupe/testkit'");
}

/** What an example prints, as the comment at its end has it. */
export function printsOf(source: string): string | undefined {
	return /^\/\* prints\n(.*?)^\*\/\s*$/ms.exec(source)?.[1];
}
