/**
 * A scene is one contender's cast for a problem, raised anew for every play, so that no play finds what another has left
 * behind. Its actors come into being before its play is timed, and go after it.
 */

/** A cast in its places. Only its play is timed. */
export interface Scene<Answer> {
	play(): Promise<Answer>;
	/** Lets go of the cast. */
	close?(): void | Promise<void>;
}

/** Raises a cast that calls `settle` with its answer; returns what sets it in motion. */
export type Raise<Answer> = (settle: (answer: Answer) => void) => () => void;

/** The scene of a cast that hands its answer to a function, as those do that have no ask to end their play with. */
export function sceneOf<Answer>(raise: Raise<Answer>, close: () => void = () => {}): Scene<Answer> {
	let begin = (): void => {};
	const answer = new Promise<Answer>((settle) => {
		begin = raise(settle);
	});
	return {
		play() {
			begin();
			return answer;
		},
		close,
	};
}
