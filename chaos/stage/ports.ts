/** Ports of this machine that nobody listens on. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A port for whoever is quick: between now and then another program may take it. */
export async function freePort(): Promise<number> {
	const holder = createServer().listen(0, '127.0.0.1');
	await once(holder, 'listening');
	const { port } = holder.address() as AddressInfo;
	await once(holder.close(), 'close');
	return port;
}
