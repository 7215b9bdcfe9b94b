/** The states of a cell. Those from STOPPING on are final: it takes no more messages. */

/** Its instance is being constructed, or its first hooks run. */
export const STARTING = 0;
/** Waiting for messages, or handling one synchronously. */
export const READY = 1;
/** Waiting for an asynchronous handler. */
export const BUSY = 2;
/** Between a crash and what follows from it, or while a sibling's crash is dealt with: handles nothing. */
export const HELD = 3;
export const STOPPING = 4;
export const STOPPED = 5;
export type CellState = typeof STARTING | typeof READY | typeof BUSY | typeof HELD | typeof STOPPING | typeof STOPPED;
