/**
 * `troupe permissions`: what systems need of NATS, as configuration for nats-server. Secrets come from the server's
 * environment, so that the file may be read by anybody, and a server does not start while one of them is missing.
 */

import { BadOption, type NatsPermissions, natsPermissions } from '../index.ts';
import type { Outcome } from './print.ts';

/** How systems prove who they are, and what keeps them apart. */
export const FORMS = ['users', 'nkeys', 'accounts'] as const;

/** One of {@link FORMS}. */
export type Form = (typeof FORMS)[number];

/** What stands at the head of the configuration. */
const NOTES: Readonly<Record<Form, readonly string[]>> = {
	users: [
		'Each password comes from the environment of nats-server; plain, or hashed by bcrypt.',
		'For systems that must not trust each other: --form accounts (see SECURITY.md).',
	],
	nkeys: [
		'Each public key comes from the environment of nats-server; the seed stays with the nodes.',
		'For systems that must not trust each other: --form accounts (see SECURITY.md).',
	],
	accounts: ['Each password comes from the environment of nats-server; plain, or hashed by bcrypt.'],
};

interface Tenant {
	readonly system: string;
	readonly permissions: NatsPermissions;
}

/** The configuration for `systems` on one server. */
export function permissions(systems: readonly string[], form: Form): Outcome {
	const tenants = systems.map((system) => ({ system, permissions: natsPermissions(system) }));
	distinct(systems);
	const lines = form === 'accounts' ? accounts(tenants) : authorization(tenants, form);
	const text = [...NOTES[form].map((note) => `# ${note}`), ...lines].join('\n');
	return { value: Object.fromEntries(tenants.map(({ system, permissions }) => [system, permissions])), text };
}

/** Two of one variable would have one secret. */
function distinct(systems: readonly string[]): void {
	for (const [at, system] of systems.entries()) {
		const other = systems.slice(0, at).find((earlier) => variable(earlier) === variable(system));
		if (other !== undefined)
			throw new BadOption('systems', system, `a name that differs from '${other}' in more than - and _`);
	}
}

function authorization(tenants: readonly Tenant[], form: 'users' | 'nkeys'): string[] {
	return [
		'authorization {',
		'  users: [',
		...indented(
			4,
			tenants.flatMap((tenant) => user(tenant, form)),
		),
		'  ]',
		'}',
	];
}

function accounts(tenants: readonly Tenant[]): string[] {
	const each = tenants.flatMap((tenant) => [
		`troupe_${tenant.system}: {`,
		'  jetstream: enabled',
		'  users: [',
		...indented(4, user(tenant, 'users')),
		'  ]',
		'}',
	]);
	return ['accounts {', ...indented(2, each), '}'];
}

function user({ system, permissions: { publish, subscribe } }: Tenant, form: 'users' | 'nkeys'): string[] {
	const nkey = `nkey: $TROUPE_NKEY_${variable(system)} # its public key: U...`;
	const password = `user: ${quoted(system)}, password: $TROUPE_PASSWORD_${variable(system)}`;
	return [
		'{',
		`  ${form === 'nkeys' ? nkey : password}`,
		'  permissions: {',
		'    publish: [',
		...indented(6, publish.map(quoted)),
		'    ]',
		`    subscribe: [${subscribe.map(quoted).join(', ')}]`,
		'  }',
		'}',
	];
}

/** What a variable of the environment can be called. */
function variable(system: string): string {
	return system.replaceAll('-', '_');
}

function quoted(text: string): string {
	return JSON.stringify(text);
}

function indented(spaces: number, lines: readonly string[]): string[] {
	return lines.map((line) => ' '.repeat(spaces) + line);
}
