/** What `nsc` would make: an operator's trust in an account, and a user's credentials file, as nats-server takes them. */

import { nkeys } from 'nats';

type Key = ReturnType<typeof nkeys.createUser>;

/** A nats-server configuration, and the credentials of a user of its one account. */
export interface Trust {
	readonly configuration: string;
	readonly credentials: string;
	/** What nobody may ever see of them. */
	readonly seed: string;
}

/** Makes them anew. */
export function makeTrust(): Trust {
	const [operator, account, system, user] = [
		nkeys.createOperator(),
		nkeys.createAccount(),
		nkeys.createAccount(),
		nkeys.createUser(),
	];
	const limits = { subs: -1, data: -1, payload: -1 };
	const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
	const accountLimits = { ...limits, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
	const preload = {
		[account.getPublicKey()]: token(operator, account, 'plant', {
			type: 'account',
			limits: { ...accountLimits, ...storage },
		}),
		[system.getPublicKey()]: token(operator, system, 'SYS', { type: 'account', limits: accountLimits }),
	};
	const claims = token(operator, operator, 'owner', { type: 'operator', system_account: system.getPublicKey() });
	const seed = Buffer.from(user.getSeed()).toString();
	const jwt = token(account, user, 'worker', { type: 'user', pub: {}, sub: {}, ...limits });
	return {
		configuration: `operator: ${claims}\nresolver: MEMORY\nresolver_preload: ${JSON.stringify(preload)}`,
		credentials: [
			...['-----BEGIN NATS USER JWT-----', jwt, '------END NATS USER JWT------', ''],
			...['-----BEGIN USER NKEY SEED-----', seed, '------END USER NKEY SEED------', ''],
		].join('\n'),
		seed,
	};
}

function token(issuer: Key, subject: Key, name: string, nats: object): string {
	const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
	const content = [
		part({ typ: 'JWT', alg: 'ed25519-nkey' }),
		part({
			jti: name,
			iat: Math.floor(Date.now() / 1000),
			iss: issuer.getPublicKey(),
			name,
			sub: subject.getPublicKey(),
			nats: { ...nats, version: 2 },
		}),
	].join('.');
	return `${content}.${Buffer.from(issuer.sign(Buffer.from(content))).toString('base64url')}`;
}
