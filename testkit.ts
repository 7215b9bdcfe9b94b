/** For tests of programs that use Troupe: time that stands still, a bus that loses, delays and partitions, a real nats-server. */

export { VirtualClock } from './runtime/core/clock.ts';
export { type Faults, type MemoryBus, memoryBus } from './runtime/transport/memory.ts';
export { type NatsServer, type NatsServerOptions, startNatsServer } from './runtime/transport/nats-server.ts';
