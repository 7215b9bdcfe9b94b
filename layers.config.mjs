/**
 * `npm run layers`: which part of the code may know which, checked with dependency-cruiser on the sources (imports of
 * types count) and, for cycles that exist at run time, on the compiled modules. Run `npm run build` first.
 *
 * Each floor names the floors below it; DESIGN section 3 has the drawing.
 */

import { Visitor } from '@swc/core/Visitor.js';

// dependency-cruiser walks the syntax tree with a class of swc's that is older than `using` declarations.
const { visitStatement } = Visitor.prototype;
Visitor.prototype.visitStatement = function (statement) {
	if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
	this.visitVariableDeclarators(statement.decls);
	return statement;
};

const FLOORS = {
	supervisor: { is: '^supervisor/', on: [] },
	core: { is: '^runtime/core/', on: ['supervisor'] },
	mailbox: { is: '^runtime/mailbox/', on: ['supervisor', 'core'] },
	codec: { is: '^runtime/codec/', on: ['supervisor', 'core'] },
	transport: { is: '^runtime/transport/', on: ['supervisor', 'core'] },
	observe: { is: '^runtime/observe/', on: ['supervisor', 'core'] },
	kernel: { is: '^runtime/kernel/', on: ['supervisor', 'core', 'mailbox', 'codec', 'observe'] },
	// The options name actor classes and the log, which are the kernel's; the cluster reads the settings made of them.
	options: { is: '^runtime/options[.]ts$', on: ['supervisor', 'core', 'kernel'] },
	// A link carries envelopes and holds the ring of the mailbox; it reaches NATS through the port alone.
	link: { is: '^runtime/link/', on: ['supervisor', 'core', 'mailbox', 'transport', 'observe', 'kernel'] },
	cluster: {
		is: '^runtime/cluster/',
		on: ['supervisor', 'core', 'codec', 'transport', 'observe', 'kernel', 'options', 'link'],
	},
	durable: {
		is: '^runtime/durable/',
		on: ['supervisor', 'core', 'mailbox', 'codec', 'transport', 'observe', 'kernel', 'cluster'],
	},
	residents: { is: '^runtime/residents[.]ts$', on: ['core', 'kernel'] },
	spawn: { is: '^runtime/spawn[.]ts$', on: ['supervisor', 'core', 'mailbox', 'kernel', 'cluster'] },
	system: {
		is: '^runtime/system[.]ts$',
		on: [
			'spawn',
			'residents',
			'supervisor',
			'core',
			'mailbox',
			'codec',
			'observe',
			'kernel',
			'options',
			'cluster',
			'durable',
		],
	},
	'service-door': {
		is: '^runtime/service-door[.]ts$',
		on: ['core', 'codec', 'observe', 'kernel', 'cluster', 'durable', 'system'],
	},
	// The base class is the kernel's face to its users; the ready-made actors are users like any other.
	// It names the system with the ready-made actors, by its type.
	actor: { is: '^actors/actor[.]ts$', on: ['spawn', 'core', 'kernel', 'system', 'actors'] },
	door: {
		is: '^index[.]ts$',
		on: [
			'supervisor',
			'core',
			'mailbox',
			'observe',
			'kernel',
			'options',
			'durable',
			'spawn',
			'system',
			'actor',
			'actors',
		],
	},
	testkit: { is: '^testkit[.]ts$', on: ['core', 'transport', 'door'] },
	actors: {
		is: '^actors/(?!actor[.]ts$)',
		on: ['supervisor', 'core', 'mailbox', 'kernel', 'options', 'spawn', 'system', 'service-door', 'actor'],
	},
	// A cluster for development has a nats-server of its own.
	bin: { is: '^bin/', on: ['door', 'testkit'] },
	// The demo kills NATS servers under its actors, so it starts them itself.
	demo: { is: '^demo/', on: ['door', 'testkit', 'transport'] },
	// The chaos starts servers and clusters of them, as the demo does, and nodes in processes of their own.
	chaos: { is: '^chaos/', on: ['door', 'testkit', 'transport'] },
	examples: { is: '^docs/examples/', on: ['door', 'testkit'] },
};

/** Within these, files may name each other's types, which costs nothing at run time: one thing is told in several files. */
const TYPE_CYCLES = [
	// A cell, its kernel, its refs and its life are one machine: each names the others' types, none makes them.
	'^runtime/kernel/',
	// An exchange is made of its two directions and their replies, which report back to it.
	'^runtime/link/(exchange|inbound|outbound|remote-reply)[.]ts$',
	// Both are queues, and the mailbox, which says what a queue is, makes them.
	'^runtime/mailbox/(fifo|heap|mailbox)[.]ts$',
	// An actor names the system that it lives in, which offers what is made of actors.
	'^actors/',
	// Actors that talk to each other name each other's messages.
	'^demo/actors/',
];

const arrows = Object.entries(FLOORS).map(([name, { is, on }]) => ({
	name: `${name} knows only ${on.join(', ') || 'itself'}`,
	comment: `${name} stands below what it imports here, or beside it. Move the code, or hand what is needed in from above.`,
	severity: 'error',
	from: { path: is },
	to: { dependencyTypes: ['local'], pathNot: [is, ...on.map((floor) => FLOORS[floor].is)] },
}));

const cycles = [
	{
		name: 'no cycles at run time',
		comment: 'Modules that import each other see each other half made. Move what both need below both.',
		severity: 'error',
		from: { path: '^dist/' },
		to: { circular: true },
	},
	{
		name: 'no cycles of types',
		comment: 'Move the type below both, or list the cycle under TYPE_CYCLES with its reason.',
		severity: 'error',
		from: { pathNot: ['^dist/', ...TYPE_CYCLES] },
		to: { circular: true },
	},
];

const ground = [
	{
		name: 'what is imported exists',
		comment: 'A misspelt path, or a package that package.json does not have.',
		severity: 'error',
		from: {},
		to: { couldNotResolve: true },
	},
	{
		name: 'every file has a floor',
		comment: 'A new folder needs a place in FLOORS.',
		severity: 'error',
		from: { pathNot: ['^dist/', ...Object.values(FLOORS).map(({ is }) => is)] },
		to: {},
	},
	{
		name: 'no development tools in the package',
		comment: 'Users do not get devDependencies: make it a dependency, or do without.',
		severity: 'error',
		from: { pathNot: '^(dist/)?(demo|chaos|docs)/' },
		to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '/@types/' },
	},
];

export default {
	forbidden: [...arrows, ...cycles, ...ground],
	options: {
		// TypeScript 7 has no API for tools to parse with; swc reads the same language.
		parser: 'swc',
		doNotFollow: { path: 'node_modules' },
		exclude: { path: ['^dist/spec/', '[.]d[.]ts$', '[.]map$'] },
		enhancedResolveOptions: {
			extensions: ['.ts', '.js'],
			exportsFields: ['exports'],
			conditionNames: ['import', 'types', 'node', 'default'],
		},
	},
};
