/**
 * What a system is called on NATS: its subjects, its buckets, where its replies go, and the permissions that all of it
 * needs. The runtime, the command `troupe permissions`, docs/cluster.md and the specs have them from here.
 */

import { checkSystemName } from './address.ts';

/**
 * The buckets of a system: its members, the owners of its IDs, what is to be spawned again when a node dies, and how far
 * durable mailboxes have been handled.
 */
const BUCKETS = ['nodes', 'actors', 'failover', 'mailboxes'] as const;

/** The streams of a system: what is in durable mailboxes, what was given up there, and what durable channels hold. */
const STREAMS = ['mail', 'dead', 'channels'] as const;

/** A bucket of a system. */
export type BucketPurpose = (typeof BUCKETS)[number];

/** A stream of a system. */
export type StreamPurpose = (typeof STREAMS)[number];

/** The exact permissions that one system needs of NATS; everything else may be denied to it. */
export interface NatsPermissions {
	/** Subjects that its nodes publish to. */
	readonly publish: readonly string[];
	/** Subjects that its nodes subscribe to. */
	readonly subscribe: readonly string[];
}

/** Every subject between nodes of the system begins with this and a dot. */
export function prefixOf(system: string): string {
	return `troupe.${system}`;
}

/** Where the nodes of the system say that they are there. */
export function heartbeatsOf(system: string): string {
	return `${prefixOf(system)}.hb`;
}

/** The name of a bucket; its stream's is the same after `KV_`. No two systems share one. */
export function bucketOf(system: string, purpose: BucketPurpose): string {
	return `troupe_${system}_${purpose}`;
}

/** The name of a stream. No two systems share one. */
export function streamOf(system: string, purpose: StreamPurpose): string {
	return `TROUPE_${system}_${purpose}`;
}

/** What the subjects of a stream begin with; a dot, its life and a key follow. */
export function streamSubjectsOf(stream: string): string {
	return `troupe_stream.${stream}`;
}

/** Where those who act for durable mailboxes of that shard are told that there is something for them. */
export function mailOf(system: string, shard: number): string {
	return `${prefixOf(system)}.mail.${shard}`;
}

/** Where replies to the system's requests begin. Its own, so that no other system can read or forge them. */
export function inboxOf(system: string): string {
	return `_INBOX_${system}`;
}

/**
 * The permissions that the system of that name needs: of its own subjects, reply subjects and buckets, and of the words
 * of JetStream's API about those. With them nothing of another system can be reached, but by way of what JetStream does
 * for whoever may make a stream; see `SECURITY.md`.
 *
 * @throws BadOption `ERR_BAD_OPTION` when no system can be called so.
 */
export function natsPermissions(system: string): NatsPermissions {
	const [name, inbox] = [checkSystemName(system), inboxOf(system)];
	const subjects = (grants: readonly Grant[]): string[] => grants.map(({ subject }) => subject);
	return { publish: subjects(publishing(name, inbox)), subscribe: subjects(subscribing(name, inbox)) };
}

/** What stands for "any token" in a subject that is tried: no node, key, consumer or request has it. */
const NOBODY = 'troupe-permission-check';

/** A permission, and a subject under it that shows whether it is there: nothing comes of what is empty. */
export interface Grant {
	readonly subject: string;
	/** `undefined` where the start itself shows it, if it is needed at all. */
	readonly trial: string | undefined;
}

/** The permissions to publish that a system with replies under `inbox` needs. */
export function publishing(system: string, inbox: string): readonly Grant[] {
	const prefix = prefixOf(system);
	return [
		{ subject: `${prefix}.>`, trial: `${prefix}.n.${NOBODY}` },
		under(`${inbox}.>`),
		...BUCKETS.flatMap((purpose) => grantsOn(purpose, bucketOf(system, purpose))),
		...STREAMS.flatMap((purpose) => grantsOnStream(purpose, streamOf(system, purpose))),
	];
}

/** The permissions to subscribe that it needs; that to its replies shows itself. */
export function subscribing(system: string, inbox: string): readonly Grant[] {
	const prefix = prefixOf(system);
	return [
		{ subject: `${prefix}.>`, trial: `${prefix}.n.${NOBODY}` },
		{ subject: `${inbox}.>`, trial: undefined },
	];
}

/** From the nodes' bucket nothing is taken out but by age, and that of the mailboxes is never read as a whole. */
function grantsOn(purpose: BucketPurpose, bucket: string): readonly Grant[] {
	const stream = `KV_${bucket}`;
	return [
		under(`$KV.${bucket}.>`),
		...making(stream),
		...(purpose === 'nodes' ? [] : removing(stream)),
		under(`${API}.DIRECT.GET.${stream}.>`),
		...(purpose === 'mailboxes' ? [] : listing(stream)),
	];
}

/** Mail is read value by value, from any copy, dead letters all together, and the logs of channels by who may write them. */
function grantsOnStream(purpose: StreamPurpose, stream: string): readonly Grant[] {
	const reading = { mail: [under(`${API}.DIRECT.GET.${stream}`)], dead: listing(stream), channels: [] };
	return [under(`${streamSubjectsOf(stream)}.>`), ...making(stream), ...removing(stream), ...reading[purpose]];
}

const API = '$JS.API';

/**
 * Making and changing a stream is not tried: a system whose buckets are there does without, and whoever has made
 * them for it may well have taken both permissions away.
 */
function making(stream: string): readonly Grant[] {
	return ['INFO', 'CREATE', 'UPDATE'].map((word) => ({ subject: `${API}.STREAM.${word}.${stream}`, trial: undefined }));
}

function removing(stream: string): readonly Grant[] {
	return [under(`${API}.STREAM.MSG.GET.${stream}`), under(`${API}.STREAM.MSG.DELETE.${stream}`)];
}

function listing(stream: string): readonly Grant[] {
	return [
		under(`${API}.CONSUMER.CREATE.${stream}`),
		under(`${API}.CONSUMER.MSG.NEXT.${stream}.*`),
		under(`${API}.CONSUMER.DELETE.${stream}.*`),
	];
}

function under(subject: string): Grant {
	return { subject, trial: subject.replace(/[>*]$/, NOBODY) };
}
