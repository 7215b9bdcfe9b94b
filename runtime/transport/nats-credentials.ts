/**
 * The proofs of who a node is that NATS takes besides names and tokens: nkeys, and the credentials files that carry one
 * with its JWT. What is wrong with them is told without a word of them.
 */

import { readFileSync } from 'node:fs';
import { type ConnectionOptions, credsAuthenticator, nkeyAuthenticator, nkeys } from 'nats';
import { BadOption, SECRET } from '../../supervisor/bad-option.ts';
import { messageOf } from '../core/errors.ts';

type Authenticator = ConnectionOptions['authenticator'];

/** What can prove who a node is. */
export interface Credentials {
	readonly nkey?: string | undefined;
	readonly credentials?: string | undefined;
	readonly authenticator?: Authenticator | undefined;
}

/**
 * The authenticator that the options ask for.
 *
 * @throws BadOption when there are several, or one cannot be used.
 */
export function authenticatorOf({ nkey, credentials, authenticator }: Credentials): Authenticator | undefined {
	if ([nkey, credentials, authenticator].filter((given) => given !== undefined).length > 1)
		throw new BadOption('nats', SECRET, "one of 'nkey', 'credentials' and 'authenticator'");
	if (nkey !== undefined) return withSeed(nkey);
	return credentials === undefined ? authenticator : withFile(credentials);
}

function withSeed(nkey: unknown): Authenticator {
	const seed = typeof nkey === 'string' ? Buffer.from(nkey.trim()) : undefined;
	if (!seed || !isSeed(seed)) throw new BadOption('nats.nkey', SECRET, "the seed of a user's nkey (SU...)");
	return nkeyAuthenticator(seed);
}

function isSeed(seed: Uint8Array): boolean {
	try {
		return nkeys.fromSeed(seed).getPublicKey().startsWith('U');
	} catch {
		return false;
	}
}

function withFile(path: unknown): Authenticator {
	const read = (): Uint8Array => readFileSync(path as string);
	const authenticator = credsAuthenticator(read);
	try {
		if (typeof path !== 'string') throw new TypeError('no path');
		authenticator('a trial'); // what is wrong now is wrong with the option; later, the file is being replaced
	} catch (error) {
		// A system call names the path; what has been read, nobody quotes.
		const why = (error as NodeJS.ErrnoException).syscall ? messageOf(error) : 'it holds none';
		throw new BadOption('nats.credentials', path, `the path of a credentials file (${why})`);
	}
	return authenticator;
}
