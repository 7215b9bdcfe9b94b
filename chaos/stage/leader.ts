/** Which of three servers leads the registry: JetStream knows. */

import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from 'nats';
import type { NatsCluster } from '../../runtime/transport/nats-cluster.ts';
import type { NatsServer } from '../../testkit.ts';

/**
 * The member that leads the system's bucket of IDs, or another stream of its, and one that follows. The buckets exist once a
 * node has joined.
 */
export async function leaderOf(
	{ servers, urls }: Pick<NatsCluster, 'servers' | 'urls'>,
	system: string,
	stream = `KV_troupe_${system}_actors`,
): Promise<{ readonly leader: NatsServer; readonly follower: NatsServer }> {
	const connection = await connect({ servers: [...urls] });
	try {
		const manager = await jetstreamManager(connection);
		for (;;) {
			const { cluster } = await manager.streams.info(stream);
			const at = servers.findIndex((_, index) => cluster?.leader?.endsWith(`-${index + 1}`));
			const [leader, follower] = [servers[at], servers[(at + 1) % servers.length]];
			if (leader && follower) return { leader, follower };
		}
	} finally {
		await connection.close();
	}
}
