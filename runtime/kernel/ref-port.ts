/** How refs travel inside messages: as an ID and a kind, or, for an actor without an ID of its own, its node and number. */

import type { RefPort } from '../codec/codec.ts';
import { checkId } from '../core/address.ts';
import { MAX_NAME } from '../core/config.ts';
import { TroupeError } from '../core/errors.ts';
import type { Kernel } from './kernel.ts';
import { Ref } from './ref.ts';
import { RemoteActor } from './remote-actor.ts';

/** Encodes refs, and makes working ones of what arrives. `kernelOf` is asked when needed, as the two make each other. */
export function refPort(kernelOf: () => Kernel): RefPort {
	return {
		isRef: (value) => value instanceof Ref,
		toWire: (ref) => (ref as Ref).target.wire(),
		fromWire(parts) {
			const [id, kind, path, node, uid] = parts;
			const kernel = kernelOf();
			if (!isText(id) || (kind !== '' && !isText(kind))) throw malformed();
			if (parts.length === 2) return kernel.refTo(kernel.route(checkId(id), kind));
			if (parts.length !== 5 || !isText(path) || !isText(node) || !Number.isSafeInteger(uid)) throw malformed();
			const own = node === kernel.node ? kernel.cellOf(uid as number) : undefined;
			return kernel.refTo(own ?? new RemoteActor(kernel, { id, kind, path, node, uid: uid as number }));
		},
	};
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value !== '' && value.length <= MAX_NAME;
}

function malformed(): TroupeError {
	return new TroupeError('ERR_MALFORMED', 'a ref on the wire does not have the parts of one');
}
