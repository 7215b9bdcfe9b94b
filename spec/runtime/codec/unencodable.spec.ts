import { encode } from 'cbor-x';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Codec } from '../../../runtime/codec/codec.ts';
import { TroupeError } from '../../../runtime/core/errors.ts';

const codec = new Codec();

function refusal(value: unknown, sender: Codec = codec): TroupeError {
	try {
		sender.encode(value);
	} catch (error) {
		if (error instanceof TroupeError) return error;
		throw error;
	}
	throw new Error('it was encoded');
}

function refused(value: unknown, message: string): void {
	const error = refusal(value);
	expect(error.code).to.equal('ERR_NOT_ENCODABLE');
	expect(error.message).to.contain(message);
}

describe('a value that cannot travel', () => {
	it('is named by its path inside the message', () => {
		const onClick = () => undefined;
		refused({ args: [{ items: [1, 2, 3, { onClick }] }] }, 'args[0].items[3].onClick is a function');
		refused([[onClick]], '[0][0] is a function');
		refused(onClick, 'the value is a function');
		refused({ 'odd key': { 'it"s': onClick } }, '["odd key"]["it\\"s"] is a function');
		refused({ a: { __proto__: null, b: Symbol('c') } }, 'a.b is a symbol');
		refused({ ['__proto__']: { a: onClick } }, '__proto__.a is a function');
		refused({ 1023: [onClick] }, '["1023"][0] is a function');
	});

	it('is found in Maps, Sets, errors and instances', () => {
		const bad = Symbol('bad');
		refused(
			{
				m: new Map<unknown, unknown>([
					['a', 1],
					['b', { c: bad }],
				]),
			},
			'm.get("b").c is a symbol',
		);
		refused(new Map([[{ k: bad }, 1]]), 'keys()[0].k is a symbol');
		refused(new Map([[{ k: 1 }, bad]]), 'values()[0] is a symbol');
		refused({ s: new Set([1, [bad]]) }, 's.values()[1][0] is a symbol');
		refused(
			{
				i: new (class Handler {
					run = () => 1;
				})(),
			},
			'i.run is a function',
		);
	});

	it('is told with what to send instead', () => {
		const cases: [unknown, string][] = [
			[/x/g, 'a RegExp'],
			[Promise.resolve(), 'a Promise'],
			[new WeakMap(), 'a WeakMap'],
			[new WeakSet(), 'a WeakSet'],
			[new WeakRef({}), 'a WeakRef'],
			[new URL('http://x.y/'), 'a URL'],
			[new URLSearchParams('a=1'), 'a URLSearchParams'],
			[Object('boxed'), 'a boxed primitive'],
			[new SharedArrayBuffer(1), 'a SharedArrayBuffer'],
			[(function* () {})(), 'a generator'],
			[new Map().keys(), 'an iterator'],
			[AbortSignal.abort(), 'an AbortSignal'],
			[new Blob([]), 'a Blob'],
			[Symbol.iterator, 'a symbol'],
			[class {}, 'a function'],
		];
		for (const [value, what] of cases) refused({ value }, `value is ${what}, which cannot travel: `);
	});

	it('is a thenable, because its then is a function', () => {
		// biome-ignore lint/suspicious/noThenProperty: that is what this is about
		refused({ reply: { then: () => undefined } }, 'reply.then is a function');
	});

	it('is a bigint beyond 8,192 bits', () => {
		refused({ n: 2n ** 8192n }, 'n is a bigint of more than 8192 bits');
		refused({ n: -(2n ** 8192n) }, 'n is a bigint of more than 8192 bits');
	});

	it('is a value that contains itself, and the error says where', () => {
		const parent = { name: 'p', children: [] as unknown[] };
		parent.children.push({ name: 'c', parent });
		refused({ args: [parent] }, 'args[0].children[0].parent is a cycle, which cannot travel: it leads back to args[0]');
		const self: unknown[] = [];
		self.push(self);
		refused(self, '[0] is a cycle, which cannot travel: it leads back to the whole value');
		const map = new Map<string, unknown>();
		map.set('me', { map });
		refused({ map }, 'map.get("me").map is a cycle, which cannot travel: it leads back to map');
		const nosy = {
			get nested() {
				return codec.copy({ a: 1 });
			},
			back: [] as unknown[],
		};
		nosy.back.push(nosy);
		refused({ nosy }, 'nosy.back[0] is a cycle, which cannot travel: it leads back to nosy');
		const wide: unknown[] = Array.from({ length: 100_000 }, (_, i) => i);
		wide.push({ wide });
		refused({ wide }, 'wide[100000].wide is a cycle');
	});

	it('is a value nested beyond the limit, and one level less is not', () => {
		const nested = (levels: number): unknown => (levels === 0 ? 1 : { next: nested(levels - 1) });
		refused(nested(65), 'next.next');
		refused(nested(65), 'is nested deeper than 64 levels');
		codec.copy(nested(64));
		const shallow = new Codec({ maxDepth: 2 });
		expect(refusal([[[]]], shallow).message).to.contain('[0][0] is nested deeper than 2 levels');
		for (const two of [[[]], [new Map()], new Set([[1]]), { 1023: [] }, [new Error('x')], { '\ud800': {} }])
			shallow.copy(two);
		for (const three of [[[new Map()]], { 10: [[]] }, new Map([[[[]], 1]])]) refusal(three, shallow);
	});

	it('is one whose getter throws, and the cause is what it threw', () => {
		const cause = new Error('no database');
		const order = Object.defineProperty({}, 'total', {
			enumerable: true,
			get() {
				throw cause;
			},
		});
		const error = refusal({ orders: [order] });
		expect(error.code).to.equal('ERR_NOT_ENCODABLE');
		expect(error.message).to.contain('orders[0] cannot be read: no database');
		expect(error.cause).to.equal(cause);
		const { proxy, revoke } = Proxy.revocable({}, {});
		revoke();
		refused({ a: [proxy] }, 'a[0] cannot be read');
	});
});

describe('a value that is too large', () => {
	it('is refused beyond maxBytes, without being written first', () => {
		const small = new Codec({ maxBytes: 1000 });
		expect(refusal({ text: 'x'.repeat(1001) }, small).code).to.equal('ERR_TOO_LARGE');
		expect(refusal(Buffer.alloc(1001), small).code).to.equal('ERR_TOO_LARGE');
		expect(refusal('é'.repeat(600), small).code).to.equal('ERR_TOO_LARGE');
		expect(small.encode('x'.repeat(997))).to.have.length(1000);
		const megabyte = '汉'.repeat(1_000_000);
		const many = Array.from({ length: 100_000 }, () => ({ [megabyte]: megabyte }));
		expect(refusal(many).code).to.equal('ERR_TOO_LARGE');
	});

	it('is refused beyond maxItems, also when it only looks small', () => {
		const few = new Codec({ maxItems: 5 });
		few.copy([1, 2, 3, 4]);
		few.copy({ a: 1, b: 2 });
		expect(refusal([1, 2, 3, 4, 5], few).code).to.equal('ERR_TOO_LARGE');
		expect(refusal({ a: 1, b: [2] }, few).code).to.equal('ERR_TOO_LARGE');
		let doubling: unknown = 1;
		for (let i = 0; i < 40; i++) doubling = i % 2 === 0 ? [doubling, doubling] : { a: doubling, b: doubling };
		expect(refusal(doubling).code).to.equal('ERR_TOO_LARGE');
		expect(refusal(new Array(2 ** 32 - 1)).code).to.equal('ERR_TOO_LARGE');
		expect(refusal(new (class extends Array {})(2 ** 32 - 1)).code).to.equal('ERR_TOO_LARGE');
	});

	it('names the place where it went too far', () => {
		const small = new Codec({ maxBytes: 1000 });
		expect(refusal({ b: Buffer.alloc(2000) }, small).message).to.contain('b takes the message beyond 1000 bytes');
		expect(refusal({ a: { ['k'.repeat(2000)]: 1 } }, small).message).to.contain(
			'a takes the message beyond 1000 bytes',
		);
		expect(refusal({ rows: [{ text: 'x'.repeat(2000) }] }, small).message).to.contain(
			'rows[0].text takes the message beyond 1000 bytes',
		);
	});

	it('is counted once, also where an odd key or string made the encoder start over', () => {
		new Codec({ maxBytes: 1000 }).copy(JSON.parse(`{ "${'k'.repeat(600)}": 1, "__proto__": 2 }`));
		new Codec({ maxBytes: 1000 }).copy('\ud800'.repeat(450));
	});

	it('leaves no large buffer behind', () => {
		codec.encode('x'.repeat(4_000_000));
		codec.encode([new Error('general'), 'x'.repeat(4_000_000)]);
		expect(codec.encode('small').buffer.byteLength).to.be.lessThan(100_000);
		expect(encode('small').buffer.byteLength, 'in cbor-x').to.be.lessThan(100_000);
	});
});
