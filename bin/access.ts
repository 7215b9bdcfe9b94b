/**
 * Who the tool is to NATS: by options or by the environment, both named as those of the `nats` command. A password comes
 * from the environment or the address, as anybody on the machine can read command lines.
 */

import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { BadOption, type NatsAccess } from '../index.ts';

/** The options, once read. */
export interface AccessOptions {
	readonly user?: string;
	readonly creds?: string;
	readonly nkey?: string;
	readonly tlsca?: string;
	readonly tlscert?: string;
	readonly tlskey?: string;
}

/** Gives `program` the options. */
export function accessOptions(program: Command): Command {
	return program
		.addOption(new Option('--user <name>', 'user of NATS; the password is in NATS_PASSWORD').env('NATS_USER'))
		.addOption(new Option('--creds <file>', 'credentials file').env('NATS_CREDS'))
		.addOption(new Option('--nkey <file>', 'file with the seed of an nkey').env('NATS_NKEY'))
		.addOption(new Option('--tlsca <file>', 'certificates of the authorities to trust').env('NATS_CA'))
		.addOption(new Option('--tlscert <file>', 'certificate of this client').env('NATS_CERT'))
		.addOption(new Option('--tlskey <file>', 'key of that certificate').env('NATS_KEY'));
}

/** What the options come to. */
export function accessOf({ user, creds, nkey, tlsca, tlscert, tlskey }: AccessOptions): NatsAccess {
	const tls = Object.entries({ caFile: tlsca, certFile: tlscert, keyFile: tlskey }).filter(([, file]) => file);
	return {
		user,
		pass: user === undefined ? undefined : process.env['NATS_PASSWORD'],
		credentials: creds,
		nkey: nkey === undefined ? undefined : seedIn(nkey),
		...(tls.length > 0 ? { tls: Object.fromEntries(tls) } : {}),
	};
}

function seedIn(file: string): string {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch (error) {
		throw new BadOption('nkey', file, `a file that can be read (${(error as Error).message})`);
	}
}
