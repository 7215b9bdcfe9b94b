/**
 * What goes wrong in the show, and when: at shares of the work, so that it goes wrong in the middle of it, on a fast
 * machine and on a slow one. The desk holds the rest of the work back until all has happened; where there is too little
 * work to be in the middle of, things happen one after the other as soon as nothing is under way.
 */

/** The show, as far as incidents go. */
export interface Scene {
	/** Resolves when that share of the bytes is stored, or nothing is under way. */
	reached(share: number): Promise<void>;
	/** Lets the desk hand out files up to that share. */
	open(share: number): void;
	/** Every consumer crashes over its next chunk. */
	stumbleAll(): Promise<void>;
	/** Starts one more consumer node; resolves when it is a member. */
	join(name: string): Promise<void>;
	/** Kills a node with -9; resolves when all others know. */
	kill(name: string): Promise<void>;
	/** Kills NATS with -9 and starts it again. */
	restartNats(): Promise<void>;
}

/** Plays them all. */
export async function incidents(scene: Scene): Promise<void> {
	await scene.stumbleAll();
	scene.open(0.3);
	await scene.reached(0.05);
	await scene.join('consumer-3');
	scene.open(0.8);
	await scene.reached(0.2);
	// First the node: after an outage of NATS everybody has a lease's time to come back, and nobody is declared dead.
	await scene.kill('consumer-1');
	scene.open(0.95);
	await scene.reached(0.85);
	await scene.restartNats();
	scene.open(1);
}
