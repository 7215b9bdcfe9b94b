import assert from 'node:assert/strict';
import { types } from 'node:util';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Codec } from '../../../runtime/codec/codec.ts';
import { isRejection, isTroupeError, Rejection, TroupeError } from '../../../runtime/core/errors.ts';
import { BadOption } from '../../../supervisor/bad-option.ts';

class OutOfStock extends Error {
	static constructed = 0;
	override readonly name = 'OutOfStock';
	readonly sku: string;
	readonly #secret = 1;

	constructor(sku: string) {
		super(`no more ${sku}`);
		this.sku = sku;
		OutOfStock.constructed++;
	}

	get secret() {
		return this.#secret;
	}
}

class Refused extends Rejection {}

const codec = new Codec();
const shop = new Codec({ errors: [OutOfStock, Refused] });

/** An error with the fields that these specs give it. */
interface Dressed extends Error {
	code?: unknown;
	socket?: unknown;
	self?: unknown;
	request?: { response: { error: Error } };
}

function thrown(run: () => unknown): Dressed {
	try {
		run();
	} catch (error) {
		return error as Dressed;
	}
	throw new Error('nothing was thrown');
}

describe('an error that travels', () => {
	it('keeps its class, message and stack when the language knows the class', () => {
		const classes = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
		for (const Class of classes) {
			const error = new Class('no');
			const arrived = codec.copy(error);
			expect(Object.getPrototypeOf(arrived)).to.equal(Class.prototype);
			assert.deepStrictEqual(
				[arrived.name, arrived.message, arrived.stack, Object.keys(arrived)],
				[error.name, 'no', error.stack, []],
			);
			expect(types.isNativeError(arrived)).to.equal(true);
		}
	});

	it('keeps its cause, and the cause of that', () => {
		const error = new TypeError('top', { cause: new RangeError('middle', { cause: { any: ['value'] } }) });
		const arrived = codec.copy(error);
		expect(arrived.cause).to.be.instanceOf(RangeError);
		expect((arrived.cause as Error).message).to.equal('middle');
		expect((arrived.cause as Error).cause).to.deep.equal({ any: ['value'] });
		expect(Object.keys(arrived)).to.deep.equal([]);
		expect(codec.copy(new Error('x', { cause: undefined }))).to.have.own.property('cause', undefined);
		expect(codec.copy(new Error('x'))).to.not.have.own.property('cause');
	});

	it('keeps the errors of an AggregateError', () => {
		const arrived = codec.copy(new AggregateError([new TypeError('a'), 'b'], 'both'));
		expect(arrived).to.be.instanceOf(AggregateError);
		expect(arrived.errors[0]).to.be.instanceOf(TypeError);
		expect(arrived.errors[1]).to.equal('b');
	});

	it('keeps its code and the other enumerable fields of its own', () => {
		const error = Object.assign(new Error('x'), { code: 'E_X', at: new Date(5), list: [1n], '\ud800': -0, 1023: 1 });
		assert.deepStrictEqual({ ...codec.copy(error) }, { ...error });
	});

	it('keeps the code that Node gives', () => {
		const arrived = codec.copy(thrown(() => Buffer.from(1 as never)));
		expect(arrived.code).to.equal('ERR_INVALID_ARG_TYPE');
		expect(arrived).to.be.instanceOf(TypeError);
		const aborted = codec.copy(AbortSignal.abort().reason as Dressed);
		expect([aborted.name, aborted.code]).to.deep.equal(['AbortError', 20]);
	});

	it('arrives as an Error with its own name when its class is not known', () => {
		const arrived = codec.copy(new OutOfStock('tea')) as OutOfStock;
		expect(Object.getPrototypeOf(arrived)).to.equal(Error.prototype);
		expect([arrived.name, arrived.message, arrived.sku]).to.deep.equal(['OutOfStock', 'no more tea', 'tea']);
		class Unnamed extends RangeError {}
		expect(codec.copy(new Unnamed('x'))).to.be.instanceOf(RangeError);
	});

	it('arrives as what it was when its class is registered, without running its constructor', () => {
		const error = new OutOfStock('tea');
		const before = OutOfStock.constructed;
		const arrived = shop.copy({ error }).error;
		expect(OutOfStock.constructed).to.equal(before);
		expect(arrived).to.be.instanceOf(OutOfStock);
		expect([arrived.name, arrived.message, arrived.sku, arrived.stack]).to.deep.equal([
			'OutOfStock',
			'no more tea',
			'tea',
			error.stack,
		]);
		expect(() => arrived.secret).to.throw(TypeError);
	});

	it('is found by its name when a bundler has shortened the name of its class', () => {
		const Short = class extends Error {};
		Object.defineProperty(Short, 'name', { value: 'q' });
		Object.defineProperty(Short.prototype, 'name', { value: 'Precise' });
		class Precise extends Error {}
		expect(new Codec({ errors: [Precise] }).copy(new Short('x'))).to.be.instanceOf(Precise);
		expect(new Codec({ errors: [Short] }).decode(codec.encode(new Short('x')))).to.be.instanceOf(Short);
	});

	it('keeps the brand, code, actor and cause of the runtime', () => {
		const error = new TroupeError('ERR_ACTOR_CRASHED', 'it crashed', {
			actor: 'a',
			node: 'n',
			cause: new Error('why'),
		});
		const arrived = codec.copy(error);
		expect(arrived).to.be.instanceOf(TroupeError);
		expect(isTroupeError(arrived)).to.equal(true);
		expect([arrived.name, arrived.code, arrived.actor, arrived.node]).to.deep.equal([
			'TroupeError',
			error.code,
			'a',
			'n',
		]);
		expect((arrived.cause as Error).message).to.equal('why');
		const option = codec.copy(new BadOption('x', 1, 'two'));
		expect(option).to.be.instanceOf(BadOption);
		expect([isTroupeError(option), option.name, option.code]).to.deep.equal([true, 'TroupeError', 'ERR_BAD_OPTION']);
	});

	it('keeps the brand and the data of a Rejection, and of a subclass of it', () => {
		const rejection = new Rejection('OUT_OF_STOCK', 'no tea', { data: { sku: 'tea', left: 0n } });
		const arrived = codec.copy(rejection);
		expect(arrived).to.be.instanceOf(Rejection);
		expect(isRejection(arrived)).to.equal(true);
		expect([arrived.code, arrived.message]).to.deep.equal(['OUT_OF_STOCK', 'no tea']);
		expect(arrived.data).to.deep.equal({ sku: 'tea', left: 0n });
		const refused = new Refused('NO');
		expect(shop.copy(refused)).to.be.instanceOf(Refused);
		expect(isRejection(shop.copy(refused))).to.equal(true);
		expect(Object.getPrototypeOf(codec.copy(refused))).to.equal(Rejection.prototype);
	});

	it('keeps the brand of an error from another copy of the package', () => {
		const other = Object.assign(new Error('x'), { code: 'ERR_STOPPED', [Symbol.for('troupe.error')]: true });
		const arrived = codec.copy(other);
		expect(isTroupeError(arrived)).to.equal(true);
		expect(arrived).to.be.instanceOf(TroupeError);
	});

	it('arrives without what cannot travel, and does arrive', () => {
		const error: Dressed = new Error('x', { cause: () => 1 });
		Object.assign(error, { socket: { write: () => true }, code: 'ECONNRESET', n: 5, self: error });
		error.request = { response: { error: new Error('inner', { cause: error }) } };
		const arrived = codec.copy(error);
		expect(Object.keys(arrived)).to.deep.equal(['code', 'n', 'request']);
		expect(arrived).to.not.have.own.property('cause');
		const inner = arrived.request?.response.error;
		expect(inner?.message).to.equal('inner');
		expect(inner).to.not.have.own.property('cause');
	});

	it('arrives without what is too large, and with what comes after that', () => {
		const small = new Codec({ maxItems: 40, maxBytes: 2000, maxDepth: 4 });
		const error = Object.assign(new Error('x'), {
			stack: 'at x',
			many: new Array(100),
			long: 'x'.repeat(3000),
			last: 1,
		});
		expect(small.copy(error)).to.include({ last: 1 }).and.not.have.any.keys('many', 'long');
		const shared = new Rejection('NO', 'no', { data: [] });
		shared.stack = 'at y';
		const holder = Object.assign(new Error('x'), { stack: 'at x', deep: [[shared]], shallow: shared });
		expect(Object.keys(small.copy(holder))).to.deep.equal(['shallow']);
	});

	it('carries each cause once, also one that enumerates', () => {
		let error: Error = new Error('first');
		for (let i = 0; i < 30; i++) error = Object.assign(new Error(`${i}`), { cause: error });
		let depth = 0;
		for (let at: unknown = codec.copy(error); at !== undefined; at = (at as Error).cause) depth++;
		expect(depth).to.equal(31);
	});

	it('is refused with its path when it is a Rejection whose data cannot travel', () => {
		const error = thrown(() => codec.encode({ reply: new Rejection('NO', 'no', { data: { f: () => 1 } }) }));
		expect(error.message).to.contain('reply.data.f is a function');
	});

	it('does not let a strange field make the error itself strange', () => {
		const error = Object.assign(new Error('x'), { name: 5, stack: {}, message: null }) as unknown as Error;
		const arrived = codec.copy(error);
		expect([typeof arrived.name, typeof arrived.message, typeof arrived.stack]).to.deep.equal([
			'string',
			'string',
			'string',
		]);
		const branded = codec.copy(Object.assign(new Error('x'), { code: 5, [Symbol.for('troupe.error')]: true }));
		expect(isTroupeError(branded)).to.equal(false);
	});

	it('captures no stack where it arrives, and leaves the depth of stacks as it was', () => {
		const before = Error.stackTraceLimit;
		Error.stackTraceLimit = 7;
		const frame = codec.encode(Object.assign(new Error('x'), { stack: undefined }));
		const arrived = codec.decode(frame) as Error;
		const after = Error.stackTraceLimit;
		Error.stackTraceLimit = before;
		expect([arrived.stack, after]).to.deep.equal(['Error: x', 7]);
	});
});

describe('the error classes of a codec', () => {
	it('must be classes that extend Error', () => {
		for (const wrong of [Map, () => 1, 'Error', null, Error.prototype]) {
			expect(() => new Codec({ errors: [wrong as never] })).to.throw(BadOption, "option 'errors'");
		}
	});
});
