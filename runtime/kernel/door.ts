/**
 * Who gets in: the receiving class decides what is a message, whatever class the sender had in mind, and its schemas
 * decide what may be in it. What does not pass is accounted for here.
 */

import { TroupeError } from '../core/errors.ts';
import type { Cell } from './cell.ts';
import { STOPPED, STOPPING } from './cell-state.ts';
import { isControl, STOP, WATCH } from './control.ts';
import { argumentsOf, type Envelope, setArguments } from './envelope.ts';
import { validate } from './schema.ts';
import { requestStop } from './supervising.ts';
import { addWatcher } from './watch.ts';

/** Whether the envelope may enter the cell's mailbox; it has the cell's own handler by then, and what schemas made of it. */
export function passes(cell: Cell, envelope: Envelope): boolean {
	if (cell.claiming && !isControl(envelope.handler)) {
		cell.kernel.route(cell.id, cell.kind).keep(envelope);
		return false;
	}
	if (envelope.handler.definition !== cell.definition && !recognise(cell, envelope)) return false;
	if (cell.policies.mailbox.durable && !envelope.replyTo?.returned) {
		// Its sender did not know. What can still fail now was encoded once before.
		cell.kernel.route(cell.id, cell.kind).lane?.add(envelope);
		return false;
	}
	if (envelope.handler.schemas !== undefined && !valid(cell, envelope)) return false;
	if (cell.state < STOPPING) return true;
	cell.kernel.refuse(envelope, cell, cell.state === STOPPED ? 'no-such-actor' : 'stopped');
	return false;
}

function recognise(cell: Cell, envelope: Envelope): boolean {
	const { handler, replyTo } = envelope;
	if (handler === STOP) {
		requestStop(cell).then(() => replyTo?.replied(undefined));
		return false;
	}
	if (handler === WATCH) {
		addWatcher(cell, replyTo, cell.state === STOPPED);
		return false;
	}
	const own = cell.definition.handlers.get(handler.name);
	if (own === undefined) cell.kernel.refuse(envelope, cell, 'not-a-message');
	else envelope.handler = own.like(handler);
	return own !== undefined;
}

function valid(cell: Cell, envelope: Envelope): boolean {
	const checked = validate(envelope.handler, argumentsOf(envelope), cell.id);
	if (!(checked instanceof TroupeError)) {
		setArguments(envelope, checked);
		return true;
	}
	cell.kernel.refuse(envelope, cell, 'invalid-message', checked);
	return false;
}
