/**
 * The addresses of NATS servers: what the option accepts, in the form the client library understands. Credentials in
 * an address are taken out of it, so that no message and no log line ever shows them.
 */

import { BadOption, SECRET } from '../../supervisor/bad-option.ts';

/** Where to connect, and as whom if the addresses say so. */
export interface Addresses {
	/** `host:port`, IPv6 in brackets. */
	readonly servers: string[];
	readonly credentials: { readonly user?: string; readonly pass?: string; readonly token?: string };
	/** Whether an address asks for TLS: `tls://host`. */
	readonly tls: boolean;
}

const DEFAULT_PORT = '4222';
const EXPECTED = 'addresses like nats://host:4222, tls://host or host:4222 (IPv6 in brackets)';

/**
 * Reads the option `servers`.
 *
 * @throws BadOption when it is no address, or an empty list.
 */
export function natsAddresses(servers: string | readonly string[]): Addresses {
	const list = typeof servers === 'string' ? servers.split(',') : servers;
	if (!Array.isArray(list) || list.length === 0) throw new BadOption('servers', servers, EXPECTED);
	const urls = list.map(parse);
	const { username = '', password = '' } = urls.find((url) => url.username !== '' || url.password !== '') ?? {};
	return {
		servers: urls.map((url) => `${url.hostname}:${url.port || DEFAULT_PORT}`),
		credentials: credentials(decoded(username), decoded(password)),
		tls: urls.some((url) => url.protocol === 'tls:'),
	};
}

/** As in NATS's other clients: a name without a password is a token. */
function credentials(user: string, pass: string): Addresses['credentials'] {
	if (user === '') return {};
	return pass === '' ? { token: user } : { user, pass };
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		throw new BadOption('servers', SECRET, 'credentials that are percent-encoded');
	}
}

function parse(address: unknown): URL {
	const text = typeof address === 'string' ? address.trim() : '';
	const url = URL.canParse(withScheme(text)) ? new URL(withScheme(text)) : undefined;
	const good =
		url &&
		['nats:', 'tls:'].includes(url.protocol) &&
		/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/i.test(url.hostname) &&
		url.port !== '0' &&
		['', '/'].includes(url.pathname) &&
		url.search + url.hash === '';
	if (!good) throw new BadOption('servers', typeof address === 'string' ? redact(address) : address, EXPECTED);
	return url;
}

function withScheme(address: string): string {
	return address.includes('://') ? address : `nats://${address}`;
}

/** All that stands before the last `@` may be a secret, whatever is wrong with it. */
function redact(address: string): string {
	return address.replace(/^((?:\w+:\/\/)?).*@/s, '$1...@');
}
