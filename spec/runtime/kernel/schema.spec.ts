import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, ActorSystem } from '../../../index.ts';
import { failure } from '../../support/coded.ts';

const trap = (): never => {
	throw new Error('a trap');
};

/** What a schema may do instead of giving a value or issues. */
const FAULTS: Readonly<Record<string, () => unknown>> = {
	'returns a promise that rejects': () => Promise.reject(new Error('later')),
	'returns what only looks like a promise': () => Object.defineProperty({}, 'then', { value: trap }),
	'returns nothing': () => undefined,
	'returns neither a value nor issues': () => ({}),
	'returns issues that are no list': () => ({ issues: 5 }),
	'returns issues that cannot be shown': () => ({ issues: [{ message: Symbol('x') }] }),
	'throws what has no text': () => {
		throw Object.create(null);
	},
	'throws what throws when it is shown': () => {
		throw { toString: trap };
	},
};

class Guarded extends Actor {
	static readonly kind = 'guarded';
	static readonly handled: unknown[] = [];
	static readonly messages = {
		take: { '~standard': { version: 1, vendor: 'faulty', validate: (fault: unknown) => FAULTS[fault as string]?.() } },
	} as never;

	take(fault: string): void {
		Guarded.handled.push(fault);
	}
}

describe('a schema that', () => {
	for (const fault of Object.keys(FAULTS)) {
		it(`${fault} lets nothing in, and throws nothing at the sender or the process`, async () => {
			const system = await ActorSystem.start();
			Guarded.handled.length = 0;
			const unhandled: unknown[] = [];
			const listeners = process.listeners('unhandledRejection');
			process.removeAllListeners('unhandledRejection');
			process.on('unhandledRejection', (error) => unhandled.push(error));
			try {
				const guarded = await system.spawn(Guarded);
				guarded.tell.take(fault);
				await failure('ERR_INVALID_MESSAGE', guarded.ask.take(fault));
				await failure('ERR_INVALID_MESSAGE', guarded.send.take(fault));
				await new Promise(setImmediate);
			} finally {
				process.removeAllListeners('unhandledRejection');
				for (const listener of listeners) process.on('unhandledRejection', listener);
			}
			expect(unhandled).to.deep.equal([]);
			expect(Guarded.handled).to.deep.equal([]);
			expect(system.stats().deadLetters).to.deep.equal({ 'invalid-message': 3 });
			await system.stop();
		});
	}
});
