/** For tests of programs that use Troupe: time that stands still, and a bus that loses, delays and partitions. */

export { VirtualClock } from './runtime/core/clock.ts';
export { type Faults, type MemoryBus, memoryBus } from './runtime/transport/memory.ts';
