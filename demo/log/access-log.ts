/** A log as web servers write it, made up: with paths that are asked for often and seldom, and lines that are none. */

import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

const PATHS = ['/', '/index.html', '/cart', '/search?q=tea', '/img/logo.png', '/api/orders', '/about', '/favicon.ico'];
const STATUS = [200, 200, 200, 200, 304, 404, 500];

/** Writes so many lines; the same ones each time. */
export async function writeAccessLog(path: string, lines: number): Promise<void> {
	const file = createWriteStream(path);
	let seed = 7;
	const chance = (of: number): number => {
		seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
		return (seed >>> 8) % of;
	};
	for (let n = 0; n < lines; n++) {
		const path = PATHS[Math.min(chance(PATHS.length), chance(PATHS.length))];
		const time = new Date(Date.UTC(2026, 0, 1) + n * 250).toUTCString().slice(5, 25);
		const line =
			chance(200) === 0
				? `garbage ${n} "`
				: `10.0.${chance(256)}.${chance(256)} - - [${time} +0000] "GET ${path} HTTP/1.1" ${STATUS[chance(7)]} ${chance(50_000)}`;
		if (!file.write(`${line}\n`)) await new Promise((resolve) => file.once('drain', () => resolve(undefined)));
	}
	file.end();
	await finished(file);
}
