/** What is analysed when nobody says otherwise: the dependencies of the project that this file belongs to. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest `node_modules` above this file, whether it runs from the sources or from `dist`. */
export const DEFAULT_INPUT = join(projectOf(dirname(fileURLToPath(import.meta.url))), 'node_modules');

function projectOf(folder: string): string {
	const parent = dirname(folder);
	return existsSync(join(folder, 'package.json')) || parent === folder ? folder : projectOf(parent);
}
