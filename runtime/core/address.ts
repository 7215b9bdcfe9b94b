/** IDs, paths, and the one encoding that lets any ID travel as a subject token or key. */

import { BadOption } from '../../supervisor/bad-option.ts';
import { MAX_ID_BYTES, MAX_NAME } from './config.ts';
import { TroupeError } from './errors.ts';

/** The ID, or `ERR_BAD_ID`: any non-empty string of at most 512 bytes is one. */
export function checkId(id: unknown): string {
	if (typeof id !== 'string' || id === '')
		throw new TroupeError('ERR_BAD_ID', `an actor's ID is a non-empty string, not ${describe(id)}`);
	const bytes = Buffer.byteLength(id);
	if (bytes > MAX_ID_BYTES)
		throw new TroupeError(
			'ERR_BAD_ID',
			`the ID '${id.slice(0, 40)}...' has ${bytes} bytes: at most ${MAX_ID_BYTES} are allowed`,
		);
	if (!id.isWellFormed())
		throw new TroupeError('ERR_BAD_ID', 'the ID has half a surrogate pair, which UTF-8 cannot carry');
	return id;
}

function describe(value: unknown): string {
	return value === '' ? 'an empty one' : `${typeof value}`;
}

/**
 * Encodes a string so that it is one subject token and one key, whatever is in it: letters, digits, `-` and `_` stay,
 * every other byte of its UTF-8 becomes `=` and two hex digits. Injective, so two IDs never share a key.
 */
export function encodeToken(text: string): string {
	if (/^[\w-]+$/.test(text)) return text;
	let token = '';
	for (const byte of Buffer.from(text)) {
		const plain =
			(byte >= 48 && byte <= 57) ||
			(byte >= 65 && byte <= 90) ||
			(byte >= 97 && byte <= 122) ||
			byte === 45 ||
			byte === 95;
		token += plain ? String.fromCharCode(byte) : `=${byte.toString(16).padStart(2, '0')}`;
	}
	return token;
}

/** The string behind a token of {@link encodeToken}. */
export function decodeToken(token: string): string {
	const bytes = token.replaceAll(/=([0-9a-f]{2})|[^=]/g, (all, hex?: string) =>
		hex ? `%${hex}` : encodeURIComponent(all),
	);
	return decodeURIComponent(bytes);
}

/** Where an actor stands in its tree; the parts are percent-encoded, so that `/` separates and nothing else. */
export function pathOf(name: string, parent = ''): string {
	return `${parent}/${encodeURIComponent(name)}`;
}

/**
 * The ID or path of an actor that other nodes find by its number, as it travels: cut where a deep tree has made it long,
 * since it only says to people who that is.
 */
export function nameOnWire(name: string): string {
	return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME - 1)}…`.toWellFormed();
}

/** A system's name, which becomes part of subjects and bucket names: 1 to 64 letters, digits, `-` and `_`. */
export function checkSystemName(name: unknown): string {
	if (typeof name === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
	throw new BadOption('name', name, '1 to 64 letters, digits, - and _ (it becomes part of NATS subjects)');
}
