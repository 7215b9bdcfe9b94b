/** An actor that may be asked for its answer before it has one: the question is set aside until then. */

import { Actor } from 'troupe';

/** The base of the actors that know when the play is over. */
export abstract class Answering<Answer, Args = void> extends Actor<Args> {
	#answer: Answer | undefined;

	answer(): Answer {
		if (this.#answer === undefined) this.stash();
		return this.#answer as Answer;
	}

	/** Underlined, since a method that is only `protected` could be called through a ref. */
	protected _settle(answer: Answer): void {
		this.#answer = answer;
		this.unstash();
	}
}
