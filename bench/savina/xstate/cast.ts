/**
 * XState's actors, of the two sorts that fit: reducers where the state is all there is to it, callbacks where messages
 * are sent. Neither is scheduled: `send` handles the message on the spot, unless its actor is handling one already.
 */

import { createActor, type EventObject, fromCallback, fromTransition } from 'xstate';

/** What one needs of an actor to send to it. */
export interface Target<Message extends EventObject> {
	send(message: Message): void;
}

/** Starts an actor that a function stands for; the function is called with each message, and its own address. */
export function startCallback<Message extends EventObject>(
	receive: (message: Message, self: Target<Message>) => void,
): Target<Message> {
	const logic = fromCallback<Message>(({ self, receive: listen }) => {
		listen((message: Message) => receive(message, self));
	});
	return createActor(logic).start();
}

/** Starts an actor that is a state and a function from it and a message to the next state. */
export function startReducer<State, Message extends EventObject>(
	initial: State,
	reduce: (state: State, message: Message) => State,
): Target<Message> {
	return createActor(fromTransition(reduce, initial)).start();
}
