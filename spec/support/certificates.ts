/**
 * Throw-away certificates for loopback: an authority, and what it signs, made anew for each run and valid for a day. By
 * hand, since Node can read X.509 and not write it, and specs should need no other tool. (RFC 5280, in DER.)
 */

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Identity {
	readonly certFile: string;
	readonly keyFile: string;
}

/** An authority, a server and a client that it vouches for, and a client of somebody else's. */
export interface Certificates {
	readonly caFile: string;
	/** For `127.0.0.1` and `localhost`. */
	readonly server: Identity;
	readonly client: Identity;
	readonly stranger: Identity;
	/** Removes the files. */
	remove(): Promise<void>;
}

interface Signer {
	readonly name: string;
	readonly key: KeyObject;
}

/** Makes them, in a folder of their own. */
export async function makeCertificates(): Promise<Certificates> {
	const folder = await mkdtemp(join(tmpdir(), 'troupe-certificates-'));
	const [authority, other] = [authorityCalled('a stage'), authorityCalled('another stage')];
	const caFile = join(folder, 'ca.pem');
	await writeFile(caFile, certificate(authority, authority, true));
	const issue = async (name: string, issuer: Signer): Promise<Identity> => {
		const subject = authorityCalled(name);
		const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
		await writeFile(certFile, certificate(subject, issuer, false));
		await writeFile(keyFile, subject.key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
		return { certFile, keyFile };
	};
	return {
		caFile,
		server: await issue('server', authority),
		client: await issue('client', authority),
		stranger: await issue('stranger', other),
		remove: () => rm(folder, { recursive: true, force: true }),
	};
}

function authorityCalled(name: string): Signer & { readonly publicKey: KeyObject } {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
	return { name, key: privateKey, publicKey };
}

function certificate(subject: ReturnType<typeof authorityCalled>, issuer: Signer, isAuthority: boolean): string {
	const now = Date.now();
	const content = sequence(
		tagged(0xa0, integer(Buffer.of(2))),
		integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
		ECDSA_WITH_SHA256,
		nameOf(issuer.name),
		sequence(time(now - 3_600_000), time(now + 86_400_000)),
		nameOf(subject.name),
		subject.publicKey.export({ type: 'spki', format: 'der' }),
		tagged(0xa3, sequence(...(isAuthority ? [MAY_SIGN] : [ON_LOOPBACK]))),
	);
	const whole = sequence(content, ECDSA_WITH_SHA256, bits(sign('sha256', content, issuer.key)));
	const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
	return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function tagged(tag: number, ...parts: Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const { length } = content;
	const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
	return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...parts: Buffer[]): Buffer {
	return tagged(0x30, ...parts);
}

function integer(bytes: Buffer): Buffer {
	return tagged(0x02, bytes);
}

function octets(content: Buffer): Buffer {
	return tagged(0x04, content);
}

function bits(content: Buffer): Buffer {
	return tagged(0x03, Buffer.of(0), content);
}

function oid(hex: string): Buffer {
	return tagged(0x06, Buffer.from(hex, 'hex'));
}

function time(at: number): Buffer {
	return tagged(0x18, Buffer.from(`${new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`));
}

/** The common name alone. */
function nameOf(text: string): Buffer {
	return sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from(text)))));
}

const YES = Buffer.of(0x01, 0x01, 0xff);
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
/** basicConstraints: CA. */
const MAY_SIGN = sequence(oid('551d13'), YES, octets(sequence(YES)));
/** subjectAltName: 127.0.0.1 and localhost. */
const ON_LOOPBACK = sequence(
	oid('551d11'),
	octets(sequence(tagged(0x87, Buffer.of(127, 0, 0, 1)), tagged(0x82, Buffer.from('localhost')))),
);
