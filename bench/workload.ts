/**
 * What is measured, and by whom. A workload is one question; a contender answers it with a driver, which runs in a
 * process of its own and returns figures; the goals say how the answers of one run have to compare.
 */

/** What one process measured, by the names that the workload gives its figures. */
export type Figures = Readonly<Record<string, number>>;

/** One column of a workload's answers. */
export interface Figure {
	/** Messages per second, microseconds, bytes: whatever the driver returns under this name. */
	readonly name: string;
	readonly unit: '/s' | 'µs' | 'B' | 'ms' | 'MB' | 'messages';
	readonly better: 'more' | 'less';
}

/** How Troupe's figure has to compare, as a ratio inside one run. */
export interface Goal {
	readonly figure: string;
	/**
	 * A contender's name; the best of all peers, or of those whose actors have mailboxes, names or supervisors of their
	 * own; `limit`, for the figure as it is; or `own ` and the name of another figure of Troupe's.
	 */
	readonly against: 'peers' | 'actor peers' | 'limit' | (string & {});
	/** For figures where more is better. */
	readonly atLeast?: number;
	/** For figures where less is better. */
	readonly atMost?: number;
}

/** One question. */
export interface Workload {
	readonly name: string;
	/** In a line, for the table. */
	readonly what: string;
	readonly figures: readonly Figure[];
	readonly goals: readonly Goal[];
}

/** What a driver is given. */
export interface Surroundings {
	/** The nats-server that all contenders of a run share; only groups that ask for one have it. */
	readonly servers: string;
}

/** Answers one workload, once, after a warm-up of its own. */
export type Driver = (surroundings: Surroundings) => Promise<Figures>;

/** Who answers: Troupe itself, the least that a hand-written program could do, or what people use instead. */
export interface Contender {
	readonly name: string;
	readonly role: 'troupe' | 'floor' | 'actor peer' | 'peer';
	/** Loads its drivers, by workload. One that a contender does not have is one that it cannot do. */
	readonly drivers: () => Promise<Readonly<Record<string, Driver>>>;
}

/** Workloads that share their contenders. */
export interface Group {
	readonly name: 'local' | 'remote' | 'savina';
	readonly workloads: readonly Workload[];
	readonly contenders: readonly Contender[];
	/** Whether a nats-server has to run. */
	readonly nats: boolean;
	/** How often everybody is asked everything, unless the command line says. Default 3. */
	readonly rounds?: number;
}
