// #region shop
import { Actor, ActorSystem, Rejection } from '../../index.ts';

class Shelf extends Actor {
	static readonly kind = 'shelf';
	readonly #items = new Map<string, number>();

	put(item: string, count = 1) {
		this.#items.set(item, (this.#items.get(item) ?? 0) + count);
		return this.#items.get(item);
	}

	take(item: string) {
		const count = this.#items.get(item) ?? 0;
		if (count === 0) throw new Rejection('OUT_OF_STOCK', `no ${item} left`);
		this.#items.set(item, count - 1);
		return count - 1;
	}
}

const system = await ActorSystem.start({ name: 'shop', servers: 'nats://127.0.0.1:4222', node: 'front' });
await system.spawn(Shelf, { id: 'shelf' });
// #endregion

// What a person would type into a shell, and read there.
const { execFile } = await import('node:child_process');
const { fileURLToPath } = await import('node:url');
const { promisify } = await import('node:util');
const cli = fileURLToPath(new URL('../../bin/troupe.js', import.meta.url));
const global = ['--nats', 'nats://127.0.0.1:4222', '--system', 'shop'];
for (const words of [
	'ask shelf put tea 3',
	'tell shelf put milk',
	'ask shelf take tea',
	'ask shelf take sugar',
	'ask shelf put tea --json',
]) {
	console.log(`$ troupe ${words}`);
	const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, ...words.split(' '), ...global]).catch(
		(error) => error,
	);
	process.stdout.write(stdout + stderr);
}
await system.stop();

/* prints
$ troupe ask shelf put tea 3
3
$ troupe tell shelf put milk
$ troupe ask shelf take tea
2
$ troupe ask shelf take sugar
OUT_OF_STOCK: no sugar left
$ troupe ask shelf put tea --json
3
*/
