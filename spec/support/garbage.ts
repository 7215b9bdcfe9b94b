/** The engine's collector, which is otherwise only had by a flag on the command line. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Resolves when nothing keeps what `ref` points at alive; the spec's timeout is how long that may take. */
export async function collected(ref: WeakRef<object>): Promise<void> {
	while (ref.deref() !== undefined) {
		await new Promise((resolve) => setImmediate(resolve));
		collect();
	}
}
