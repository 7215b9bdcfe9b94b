/**
 * What a class means to the runtime, worked out once per class: its kind, its messages, its faces and its statics.
 * Only methods on the user's own prototypes are messages. Hooks, base members, `constructor`, `then`, what
 * `Object.prototype` has and names that start with `_` are not, whoever asks: the look-up is a Map, never an object.
 */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { BadOption } from '../../supervisor/bad-option.ts';
import { SPAWN_RESTART_TYPE } from '../../supervisor/child-spec.ts';
import { checkSupervision, restart, type Supervision } from '../../supervisor/directive.ts';
import { checkStrategy, oneForOne, type Strategy } from '../../supervisor/strategy.ts';
import { TroupeError } from '../core/errors.ts';
import type { ActorInstance } from '../core/protocol.ts';
import { bounded, checkMailbox, type MailboxSpec } from '../mailbox/mailbox-spec.ts';
import { type Faces, facesOf } from './faces.ts';
import { Handler, isMessageName, type Method } from './handler.ts';
import type { Policies } from './policies.ts';

/** Validates one argument, or, as a list, each argument in its place. */
export type MessageSchema = StandardSchemaV1 | readonly StandardSchemaV1[];

/** An actor class: constructed by the runtime only, with its wire identity and its policies as statics. */
export interface ActorClass<A extends ActorInstance = ActorInstance> {
	new (): A;
	readonly prototype: A;
	readonly name: string;
	/** The class's name on the wire and in the registry. Class names can be minified; this cannot. */
	readonly kind: string;
	/** What happens when it crashes. Default `restart()`; with a durable mailbox, as often as it takes, 10 ms doubling to 250 ms apart. */
	readonly supervision?: Supervision;
	/** How its children's fates are joined. Default `oneForOne()`. */
	readonly children?: Strategy;
	/** Its mailbox. Default `bounded()`. */
	readonly mailbox?: MailboxSpec;
	/** Schemas by message name, checked before a message enters the mailbox. */
	readonly messages?: Readonly<Record<string, MessageSchema>>;
}

/** A class, compiled. */
export interface Definition {
	readonly actor: ActorClass;
	readonly kind: string;
	readonly handlers: ReadonlyMap<string, Handler>;
	readonly faces: Faces;
	readonly policies: Policies;
	/** Nobody is told of it: it serves the runtime and is no actor of the user's. */
	readonly quiet: boolean;
}

/**
 * Of a class with a durable mailbox that says nothing else: it is the message that is given up after some attempts, and not the
 * actor; and the mailbox waits between them.
 */
const TIRELESS: Supervision = restart({ maxRestarts: 1_000, within: '1m', backoff: { initial: '10ms', max: '250ms' } });

const definitions = new WeakMap<ActorClass, Definition>();

/**
 * The definition of a class. `ERR_BAD_ACTOR` when it is no actor class or has no kind.
 * The walk over the prototypes ends at `base`, whose members are not messages.
 */
export function definitionOf(actor: ActorClass): Definition {
	const known = definitions.get(actor);
	if (known) return known;
	const definition = compile(actor);
	definitions.set(actor, definition);
	return definition;
}

/** Marks the prototype at which the search for messages ends; the `Actor` base class carries it. */
export const BASE: unique symbol = Symbol.for('troupe.actor.base') as never;

/** Marks, as a static, a class of actors that serve the runtime. */
export const QUIET: unique symbol = Symbol.for('troupe.actor.quiet') as never;

function compile(actor: ActorClass): Definition {
	if (typeof actor !== 'function' || !isActor(actor))
		throw new TroupeError(
			'ERR_BAD_ACTOR',
			`${nameOf(actor)} is not an actor class: declare it as 'class ... extends Actor'`,
		);
	if (typeof actor.kind !== 'string' || actor.kind === '' || Buffer.byteLength(actor.kind) > 128)
		throw new TroupeError(
			'ERR_BAD_ACTOR',
			`actor class ${nameOf(actor)} needs a kind, its name on the wire: static readonly kind = 'some-name' (at most 128 bytes)`,
		);
	const handlers = new Map<string, Handler>();
	const mailbox = actor.mailbox === undefined ? bounded() : checkMailbox(actor.mailbox, `${nameOf(actor)}.mailbox`);
	const definition = {
		actor,
		kind: actor.kind,
		quiet: QUIET in actor,
		handlers,
		policies: {
			mailbox,
			supervision:
				actor.supervision === undefined
					? mailbox.durable
						? TIRELESS
						: restart()
					: checkSupervision(actor.supervision, `${nameOf(actor)}.supervision`),
			strategy: actor.children === undefined ? oneForOne() : checkStrategy(actor.children, `${nameOf(actor)}.children`),
			restartType: SPAWN_RESTART_TYPE,
		},
	};
	const compiled: Definition = Object.assign(definition, { faces: facesOf(handlers) });
	for (const [name, method] of methodsOf(actor)) {
		const schema = actor.messages && Object.hasOwn(actor.messages, name) ? actor.messages[name] : undefined;
		handlers.set(name, new Handler(name, compiled, method, schemasOf(actor, name, schema)));
	}
	for (const name of Object.keys(actor.messages ?? {})) {
		if (!handlers.has(name))
			throw new TroupeError(
				'ERR_BAD_ACTOR',
				`${nameOf(actor)}.messages has a schema for '${name}', which is not one of its messages`,
			);
	}
	compiled.faces.compile();
	return compiled;
}

/** Handlers that stand in for those of a class; `ERR_BAD_OPTION` for what is none of its messages, or no function. */
export function behaviorOf(
	definition: Definition,
	behavior: Readonly<Record<string, Method>>,
): ReadonlyMap<string, Method> {
	const { handlers } = definition;
	for (const [name, handler] of Object.entries(behavior)) {
		if (!handlers.has(name))
			throw new BadOption(
				`become.${name}`,
				handler,
				`one of the messages of ${definition.kind}: ${[...handlers.keys()].join(', ')}`,
			);
		if (typeof handler !== 'function') throw new BadOption(`become.${name}`, handler, 'a function');
	}
	return new Map(Object.entries(behavior));
}

function isActor(actor: ActorClass): boolean {
	return typeof actor.prototype === 'object' && actor.prototype !== null && BASE in actor.prototype;
}

/** The nearest definition of each method wins; getters and fields are not methods. */
function methodsOf(actor: ActorClass): Map<string, Method> {
	const methods = new Map<string, Method>();
	const seen = new Set<string>();
	for (let at: object = actor.prototype; !Object.hasOwn(at, BASE); at = Object.getPrototypeOf(at)) {
		for (const name of Object.getOwnPropertyNames(at)) {
			if (seen.has(name)) continue;
			seen.add(name);
			const { value } = Object.getOwnPropertyDescriptor(at, name) as PropertyDescriptor;
			if (typeof value === 'function' && isMessageName(name) && !isBaseMember(at, name)) methods.set(name, value);
		}
	}
	return methods;
}

/** Overriding what the base class has does not make a message of it. */
function isBaseMember(at: object, name: string): boolean {
	let base = at;
	while (!Object.hasOwn(base, BASE)) base = Object.getPrototypeOf(base);
	return name in base;
}

function schemasOf(
	actor: ActorClass,
	name: string,
	schema: MessageSchema | undefined,
): readonly StandardSchemaV1[] | undefined {
	if (schema === undefined) return undefined;
	const list: readonly StandardSchemaV1[] = Array.isArray(schema) ? schema : [schema];
	for (const one of list) {
		if (typeof one?.['~standard']?.validate !== 'function')
			throw new TroupeError(
				'ERR_BAD_ACTOR',
				`${nameOf(actor)}.messages.${name} is not a Standard Schema (standardschema.dev)`,
			);
	}
	return list;
}

function nameOf(actor: unknown): string {
	return typeof actor === 'function' ? actor.name || 'an anonymous class' : String(actor);
}
