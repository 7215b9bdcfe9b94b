/** The decoder and the attacks that we know, each for what it tries. What nobody has thought of is the fuzzer's. */

import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Codec } from '../../../runtime/codec/codec.ts';
import { TroupeError } from '../../../runtime/core/errors.ts';
import { decoded } from './under-fire.ts';
import { codec } from './valid-frames.ts';

function refused(bytes: Uint8Array): void {
	expect(decoded(bytes).refused, Buffer.from(bytes.slice(0, 100)).toString('hex')).to.equal(true);
}

function hex(text: string): Buffer {
	return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function text(content: string): string {
	return Buffer.concat([Buffer.of(0x78, content.length), Buffer.from(content)]).toString('hex');
}

describe('the decoder, given hostile bytes', () => {
	it('pollutes no prototype and no cache', () => {
		expect(Reflect.ownKeys(Object.prototype)).to.have.length(12);
		expect(Reflect.ownKeys(Array.prototype)).to.have.length.lessThan(50);
		const plain = hex(`a2 ${text('__proto__')} a1 ${text('polluted')} f5 ${text('constructor')} 00`);
		const tagged = hex(`d9d407 84 ${text('__proto__')} a1 ${text('polluted')} f5 ${text('hasOwnProperty')} 00`);
		for (const bytes of [plain, tagged]) {
			const value = decoded(bytes).value as object;
			expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
			expect(({} as { polluted?: true }).polluted).to.equal(undefined);
			expect((value as { polluted?: true }).polluted).to.equal(undefined);
		}
		expect(codec.copy({ id: 1, name: 'x' })).to.deep.equal({ id: 1, name: 'x' });
	});

	it('refuses packed values, records, shared references and generic objects', () => {
		const packed = `${'d83384'.repeat(40)}81 00 80 80 00`;
		const nestedPacked = `d833 84 ${'d833 84 '.repeat(20)} 84 ${'e0'.repeat(4)} ${'80 80 e0'.repeat(21)}`;
		const record = `d9dfff 83 19e000 82 ${text('id')} ${text('name')} 01`;
		const generic = [
			`d81b 83 ${text('RegExp')} ${text('(a+)+$')} ${text('')}`,
			`d81b 82 ${text('Error')} ${text('x')}`,
		];
		const cycles = ['d81c 81 d81d 00', `d81c a1 ${text('me')} d81d 00`];
		const bundles = ['d9dff9 82 1a 00000001 60', 'ce 01', 'cf 01', 'c6 00'];
		const dates = [`c0 ${text('2020-01-01')}`, 'c1 1a 00000000', 'c4 82 01 02', 'c5 82 01 02'];
		const legacy = `d869 83 19e000 81 ${text('id')} 01`;
		for (const attack of [packed, nestedPacked, record, ...generic, ...cycles, ...bundles, ...dates, legacy])
			refused(hex(attack));
		for (const inner of [record, ...generic, ...cycles]) refused(hex(`82 00 ${inner}`));
		refused(hex('d9d9f7 00'));
	});

	it('refuses bignums of 250 KB, and takes as many of the largest as fit without a stall', () => {
		for (const tag of ['c2', 'c3', 'd9d403', 'd9d404']) {
			refused(Buffer.concat([hex(tag), hex('5a 0003d090'), Buffer.alloc(250_000, 0xff)]));
		}
		refused(hex('d9d403 40'));
		refused(Buffer.concat([hex('d9d403 59 0401'), Buffer.alloc(1025, 0xff)]));
		const largest = Buffer.concat([hex('d9d403 59 0400'), Buffer.alloc(1024, 0xff)]);
		const many = decoded(Buffer.concat([hex('99 0400'), ...Array(1024).fill(largest)])).value;
		expect((many as bigint[])[1023]).to.equal(2n ** 8192n - 1n);
	});

	it('refuses deep nesting, huge headers and indefinite lengths at once', () => {
		for (const open of ['81', 'd9d40682', 'd9d40582', 'a16161', '9f', 'd81c81']) refused(hex(open.repeat(100_000)));
		for (const open of ['9a ffffffff', 'ba ffffffff', '5a ffffffff', '7a fffffff6', '9b ffffffffffffffff']) {
			refused(hex(open));
			refused(Buffer.concat([hex('82'), hex(open), Buffer.alloc(1000)]));
		}
		for (const start of ['9f 00 ff', 'bf 6161 00 ff', '5f 41 00 ff', '7f 61 61 ff']) refused(hex(start));
		refused(Buffer.concat([hex('9a 000f4240'), Buffer.alloc(1_000_000, 0x80)]));
	});

	it('takes no more memory for sparse objects than for others', () => {
		const plain = Buffer.from(`a164${Buffer.from('1023').toString('hex')}00`, 'hex');
		refused(Buffer.concat([hex('99 4e20'), ...Array(20_000).fill(plain)]));
		const keys = ['1023', '2550', '4800'].map((key) => `64${Buffer.from(key).toString('hex')}00`);
		const object = hex(`d9d407 82 ${keys[0]}`);
		const error = hex(`d9d408 8c 60 60 60 f7 00 00 ${keys.join('')}`);
		for (const each of [object, error, hex(`d9d407 86 ${keys.join('')}`)]) {
			const before = process.memoryUsage().heapUsed;
			const held = decoded(Buffer.concat([hex('99 0bb8'), ...Array(3000).fill(each)])).value;
			expect(held).to.have.length(3000);
			expect(process.memoryUsage().heapUsed - before).to.be.lessThan(12_000_000);
		}
	});

	it('replaces what is no UTF-8, and throws nothing', () => {
		const bad = ['ff', 'c0 80', 'e2 82', 'ed a0 80', 'f4 90 80 80', 'f0 9f 98', '80', 'c3 28'];
		for (const bytes of bad) {
			for (const length of [0, 20, 70, 300]) {
				const content = Buffer.concat([hex(bytes), Buffer.alloc(length, 0x61), hex(bytes)]);
				const head = Buffer.of(0x79, content.length >> 8, content.length & 255);
				const { value } = decoded(Buffer.concat([head, content]));
				expect(value).to.be.a('string').that.contains('\ufffd').and.contains('a'.repeat(length));
				decoded(Buffer.concat([Buffer.of(0xa1), head, content, Buffer.of(0)]));
			}
		}
	});

	it('refuses errors and refs whose parts are not what they should be', () => {
		for (const parts of [
			'80',
			'86 00 60 60 60 00 00',
			'86 60 60 60 00 00 00',
			'86 60 60 60 60 60 00',
			'88 60 60 60 60 00 00 00 00',
		]) {
			refused(hex(`d9d408 ${parts}`));
		}
		refused(hex(`d9d408 88 60 60 60 60 00 00 ${text('message')} 00`));
		refused(hex(`d9d408 88 60 60 60 60 00 00 ${text('stack')} f6`));
		refused(hex('d9d408 86 60 60 60 60 01 00'));
		refused(hex(`d9d408 88 60 60 60 60 02 00 ${text('code')} 00`));
		refused(hex('d9d409 80'));
		refused(hex('d9d407 82 00 00'));
		refused(hex('d9d407 82 d9d401 00 00'));
	});

	it('lets no one name a class that is neither an error nor registered', () => {
		for (const name of ['Object', 'Function', 'RegExp', 'Map', 'constructor', '__proto__', 'Codec']) {
			const { value } = decoded(hex(`d9d408 86 ${text(name)} ${text(name)} 60 60 00 00`));
			expect(Object.getPrototypeOf(value)).to.equal(Error.prototype);
			expect((value as Error).name).to.equal(name);
		}
	});

	it('refuses more than maxBytes, and what is no Uint8Array', () => {
		const small = new Codec({ maxBytes: 10 });
		expect(() => small.decode(codec.encode('x'.repeat(10)))).to.throw(TroupeError, 'more than 10 bytes');
		for (const wrong of [
			undefined,
			null,
			'x',
			{},
			[0],
			new Uint16Array(1),
			new ArrayBuffer(1),
			{ byteLength: 1, 0: 0 },
		]) {
			expect(() => codec.decode(wrong as never))
				.to.throw(TroupeError)
				.with.property('code', 'ERR_MALFORMED');
		}
	});
});
