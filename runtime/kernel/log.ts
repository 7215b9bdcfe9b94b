/** Log lines are events with fields; where they go is the application's choice. */

/** Takes one event: its name, and what belongs to it. */
export type LogLine = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Where `this.log` and the runtime's own warnings go. Console-shaped loggers fit. */
export interface Log {
	readonly debug: LogLine;
	readonly info: LogLine;
	readonly warn: LogLine;
	readonly error: LogLine;
}

/** Writes warnings and errors to standard error, and nothing else. */
export const quietLog: Log = {
	debug: () => {},
	info: () => {},
	warn: (event, fields) => console.warn(`troupe: ${event}`, fields ?? ''),
	error: (event, fields) => console.error(`troupe: ${event}`, fields ?? ''),
};

/** A log that never throws: what an actor or its error does to a logger must not reach the runtime. */
export function guarded(log: Log): Log {
	const line =
		(level: keyof Log): LogLine =>
		(event, fields) => {
			try {
				log[level](event, fields);
			} catch {
				// There is nobody left to tell.
			}
		};
	return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

/** A log whose lines carry `fields` too. */
export function withFields(log: Log, fields: Readonly<Record<string, unknown>>): Log {
	const line =
		(level: keyof Log): LogLine =>
		(event, more) =>
			log[level](event, { ...fields, ...more });
	return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
