/** Values that travel, and those that cannot. */

import { expect } from 'chai';
import { BadOption, isTroupeError, Rejection, TroupeError } from '../../index.ts';
import { Counter, Echo, Recorder, Relay, Stranger } from '../support/cast/messages.ts';
import { OutOfStock } from '../support/cast.ts';
import { failure } from '../support/coded.ts';
import { onEveryStage } from '../support/stages.ts';

const NESTED = {
	list: [1, [2, [3, { deep: new Map([['key', new Set([new Date(5)])]]) }]]],
	nothing: null,
	missing: undefined,
	'odd key': true,
	12: 'index',
};

/** What travels, and how it looks to the code that gets it. */
const VALUES: readonly (readonly [what: string, value: unknown, looks: string])[] = [
	['undefined', undefined, 'undefined'],
	['null', null, 'null'],
	['booleans', [true, false], '[true,false]'],
	[
		'numbers',
		[0, -0, 1.5, -7, 2 ** 53, Number.NaN, Infinity, -Infinity],
		'[0,-0,1.5,-7,9007199254740992,NaN,Infinity,-Infinity]',
	],
	['strings', ['', 'Grüße', '🎭', '\0', '\ufeffbom', '\ud800'], '["","Grüße","🎭","\\u0000","\ufeffbom","\\ud800"]'],
	['a Date', new Date(1_234_567_890_123), 'Date(1234567890123)'],
	['an invalid Date', new Date(Number.NaN), 'Date(NaN)'],
	[
		'a Map with keys of all sorts',
		new Map<unknown, unknown>([
			[1, 'a'],
			['1', 'b'],
			[null, { c: 1 }],
		]),
		'Map(1=>"a","1"=>"b",null=>{c:1})',
	],
	['a Set', new Set([1, 'a', null]), 'Set(1,"a",null)'],
	['a BigInt', [0n, -5n, 2n ** 64n, -(2n ** 200n)], `[0n,-5n,${2n ** 64n}n,${-(2n ** 200n)}n]`],
	[
		'typed arrays',
		[new Uint8Array([1, 255]), new Int16Array([-1, 2]), new Float64Array([0.5]), new BigInt64Array([-1n])],
		'[Uint8Array(1,255),Int16Array(-1,2),Float64Array(0.5),BigInt64Array(-1)]',
	],
	['a Buffer', Buffer.from('hi'), 'Buffer(104,105)'],
	['a part of a typed array, and no more of it', new Uint8Array([1, 2, 3, 4]).subarray(1, 3), 'Uint8Array(2,3)'],
	['an ArrayBuffer', new Uint8Array([9, 8]).buffer, 'ArrayBuffer(9,8)'],
	[
		'nested values',
		NESTED,
		'{12:"index",list:[1,[2,[3,{deep:Map("key"=>Set(Date(5)))}]]],nothing:null,missing:undefined,odd key:true}',
	],
	[
		'an object with a field named __proto__',
		JSON.parse('{"__proto__":{"admin":true},"a":1}'),
		'{__proto__:{admin:true},a:1}',
	],
	[
		'an Error with its code and cause',
		Object.assign(new TypeError('no', { cause: new RangeError('why') }), { code: 'E_NO' }),
		'TypeError<TypeError>(no,"E_NO",RangeError<RangeError>(why,undefined,undefined))',
	],
	['an error of the application', new OutOfStock('none'), 'OutOfStock<OutOfStock>(none,undefined,undefined)'],
	[
		'an error of the runtime',
		new TroupeError('ERR_STOPPED', 'gone'),
		'TroupeError<TroupeError>(gone,"ERR_STOPPED",undefined)',
	],
	[
		'a refused option',
		new BadOption('x', 1, 'y'),
		`BadOption<TroupeError>(${new BadOption('x', 1, 'y').message},"ERR_BAD_OPTION",undefined)`,
	],
	['a Rejection as a value', new Rejection('NO', 'no'), 'Rejection<Rejection>(no,"NO",undefined)'],
];

/** What cannot travel, and the path that the error names; the first argument of a message is `[0]`. */
const UNSENDABLE: readonly (readonly [what: string, value: unknown, path: string])[] = [
	['a function', () => {}, '[0]'],
	['a symbol', Symbol('s'), '[0]'],
	['a function deep inside', { items: [{ ok: 1 }, { onClick: () => {} }] }, '[0].items[1].onClick'],
	['a function in a Map', new Map([['on', () => {}]]), '[0].get("on")'],
	['a promise', { later: Promise.resolve() }, '[0].later'],
	['a WeakMap', { cache: new WeakMap() }, '[0].cache'],
];

function cyclic(): unknown {
	const cycle: { self?: unknown } = {};
	cycle.self = cycle;
	return cycle;
}

for (const checks of ['none', 'strict'] as const) {
	onEveryStage(`a value, with checks: '${checks}',`, { checks }, (stage) => {
		for (const [what, value, looks] of VALUES) {
			it(`arrives as it was sent, and so does the reply: ${what}`, async () => {
				const echo = await stage.spawn(Echo);
				expect(await echo.ask.look(value)).to.equal(looks);
				const back = await echo.ask.echo(value);
				expect(back).to.deep.equal(value);
				expect(await echo.ask.look(back)).to.equal(looks);
			});
		}

		it('arrives as it was when it was sent, even as the very first message to an ID', async () => {
			const recorder = await stage.spawn(Recorder, { id: stage.id() });
			const fresh = { text: 'as sent' };
			stage.near.ref(Recorder, recorder.id).tell.note(fresh);
			if (checks === 'strict' || stage.name !== 'on one node') fresh.text = 'changed since';
			expect(await recorder.ask.notes()).to.deep.equal([{ text: 'as sent' }]);
		});

		it('arrives as a working ref when it is one, for either side', async () => {
			const here = await stage.spawnNear(Recorder, { id: stage.id('here') });
			const nameless = await stage.spawnNear(Recorder);
			const there = await stage.spawn(Recorder, { id: stage.id('there') });
			const alsoThere = await stage.spawn(Recorder);
			const relay = await stage.spawn(Relay);
			for (const recorder of [here, nameless, there, alsoThere]) {
				relay.tell.tellOn(recorder, 'told');
				await relay.ask.sendOn(recorder, 'sent');
				expect(await relay.ask.askOn(recorder, 'asked')).to.equal('asked');
				expect(await recorder.ask.notes()).to.deep.equal(['told', 'sent', 'asked']);
				expect(await relay.ask.whoIs(recorder)).to.deep.equal({
					id: recorder.id,
					kind: 'recorder',
					path: recorder.path,
				});
			}
		});

		it('brings a ref back that is equal to the one sent', async () => {
			const echo = await stage.spawn(Echo);
			for (const ref of [
				await stage.spawnNear(Recorder),
				await stage.spawn(Recorder),
				await stage.spawn(Recorder, { id: stage.id() }),
			]) {
				const { back } = (await echo.ask.echo({ back: ref })) as { back: typeof ref };
				expect(back.equals(ref)).to.equal(true);
				expect(ref.equals(back)).to.equal(true);
				back.tell.note('still works');
				expect(await ref.ask.notes()).to.deep.equal(['still works']);
			}
		});

		it('brings refs inside Maps, Sets, arrays and errors, too', async () => {
			const echo = await stage.spawn(Echo);
			const recorder = await stage.spawnNear(Recorder, { id: stage.id() });
			const looks = `ref(recorder:${recorder.id})`;
			expect(await echo.ask.look(new Map([['r', new Set([[recorder]])]]))).to.equal(`Map("r"=>Set([${looks}]))`);
			const error = await failure('WITH_REF', echo.ask.reject('WITH_REF', 'see data', { ref: recorder }));
			await (error as unknown as { data: { ref: typeof recorder } }).data.ref.ask.note('from the error');
			expect(await recorder.ask.notes()).to.deep.equal(['from the error']);
		});

		it('brings a ref to an actor whose class the other side does not have', async () => {
			const stranger = await stage.spawn(Stranger);
			const echo = await stage.spawn(Echo);
			const back = (await echo.ask.echo(stranger)) as typeof stranger;
			expect(await back.ask.hail('again')).to.equal('hail, again');
		});

		it('is what an actor is spawned with, too', async () => {
			const counter = await stage.spawn(Counter, { args: { start: 41 } });
			expect(await counter.ask.add(1)).to.equal(42);
			expect(await (await stage.spawn(Echo)).ask.args0()).to.deep.equal({});
		});

		it('of one MiB arrives, both ways', async () => {
			const echo = await stage.spawn(Echo);
			expect(await echo.ask.size(new Uint8Array(1024 * 1024))).to.equal(1024 * 1024);
			const back = (await echo.ask.bytes(1024 * 1024)) as Uint8Array;
			expect([back.length, back[0], back.at(-1)]).to.deep.equal([1024 * 1024, 7, 7]);
		});

		it('of four MiB arrives in one piece, with others before and behind it', async () => {
			const recorder = await stage.spawn(Recorder);
			const big = new Uint8Array(4 * 1024 * 1024).map((_, i) => i % 251);
			recorder.tell.note('before');
			const noted = recorder.ask.note(big);
			recorder.tell.note('behind');
			expect(Buffer.compare((await noted) as Uint8Array, big)).to.equal(0);
			const notes = await recorder.ask.notes();
			expect(notes.map((note) => (typeof note === 'string' ? note : (note as Uint8Array).length))).to.deep.equal([
				'before',
				big.length,
				'behind',
			]);
		});

		if (checks === 'strict') {
			it('is copied, so that neither side sees what the other does to it', async () => {
				const echo = await stage.spawn(Echo);
				const mine = { text: 'mine' };
				await echo.ask.keep(mine);
				mine.text = 'changed by the sender';
				const kept = (await echo.ask.kept()) as { text: string };
				expect(kept).to.deep.equal({ text: 'mine' });
				kept.text = 'changed by the asker';
				expect(await echo.ask.kept()).to.deep.equal({ text: 'mine' });
				await echo.ask.spoil(mine);
				expect(mine.text).to.equal('changed by the sender');
			});

			it('may send other messages while it is read, and arrives whole, as they do', async () => {
				const echo = await stage.spawn(Echo);
				await echo.ask.echo('where it lives is known from now on, so that nothing waits and is copied');
				const value = {
					get text() {
						echo.tell.keep({ text: 'sent meanwhile' });
						return 'x'.repeat(1_000);
					},
					list: [1, 2, 3],
				};
				expect(await echo.ask.echo(value)).to.deep.equal({ text: 'x'.repeat(1_000), list: [1, 2, 3] });
				expect(await echo.ask.kept()).to.deep.equal({ text: 'sent meanwhile' });
			});

			it('arrives when it is larger than any frame, as bytes of its own', async () => {
				const echo = await stage.spawn(Echo);
				const large = Buffer.alloc(3_000_001, 'large ');
				const [one, two] = (await Promise.all([echo.ask.echo(large), echo.ask.echo(large)])) as [Buffer, Buffer];
				expect(one.equals(large) && two.equals(large)).to.equal(true);
				one.fill(0);
				expect(two.equals(large)).to.equal(true);
			});

			for (const [what, value, path] of [...UNSENDABLE, ['a cycle', cyclic(), '[0].self'] as const]) {
				it(`is refused at the sender, who is told its path: ${what}`, async () => {
					const echo = await stage.spawn(Echo, { id: stage.id() });
					for (const call of [() => echo.tell.echo(value), () => echo.send.echo(value), () => echo.ask.echo(value)]) {
						expect((await failure('ERR_NOT_ENCODABLE', call)).message).to.contain(`${path} `);
					}
					expect(await echo.ask.echo('alive')).to.equal('alive');
				});
			}

			it('is refused at the sender when it is a second argument', async () => {
				const echo = await stage.spawn(Echo);
				const error = await failure('ERR_NOT_ENCODABLE', () => echo.ask.reject('A', (() => {}) as never));
				expect(error.message).to.contain('[1] ');
			});

			it('is refused beyond the largest message: nine MiB are ERR_TOO_LARGE at the sender, who can go on', async () => {
				const echo = await stage.spawn(Echo, { id: stage.id() });
				const huge = new Uint8Array(9 * 1024 * 1024);
				await failure('ERR_TOO_LARGE', () => echo.tell.size(huge));
				await failure('ERR_TOO_LARGE', () => echo.send.size(huge));
				await failure('ERR_TOO_LARGE', () => echo.ask.size(huge));
				await failure('ERR_TOO_LARGE', () => echo.ask.bytes(9 * 1024 * 1024));
				expect(await echo.ask.echo('alive')).to.equal('alive');
			});

			it('is refused to the asker when it is a reply, and the actor goes on', async () => {
				const echo = await stage.spawn(Echo);
				expect((await failure('ERR_NOT_ENCODABLE', echo.ask.answerWithFunction())).message).to.contain(
					'list[0].onClick',
				);
				expect(await echo.ask.echo('alive')).to.equal('alive');
			});

			it('is refused to the asker when it is the data of a Rejection', async () => {
				const echo = await stage.spawn(Echo);
				expect((await failure('ERR_NOT_ENCODABLE', echo.ask.rejectWithFunction())).message).to.contain('list[0]');
				expect(await echo.ask.echo('alive')).to.equal('alive');
			});
		}
	});
}

onEveryStage('a message that cannot travel, with checks off,', { apart: true }, (stage) => {
	it('is refused at the sender as soon as it has to leave its node, in whatever way it is sent', async () => {
		const echo = await stage.spawn(Echo, { id: stage.id() });
		// The first message to an ID is held while its place is looked up; the error must not wait for that.
		const fresh = stage.near.ref(Echo, echo.id);
		expect(() => fresh.tell.echo(() => {})).to.throw(TroupeError, '[0] ');
		await fresh.ask.nothing();
		for (const call of [
			() => fresh.tell.echo({ f() {} }),
			() => fresh.send.echo({ f() {} }),
			() => fresh.ask.echo({ f() {} }),
		]) {
			const error = await failure('ERR_NOT_ENCODABLE', call);
			expect(isTroupeError(error)).to.equal(true);
			expect(error.message).to.contain('[0].f ');
		}
		await failure('ERR_TOO_LARGE', () => fresh.tell.size(new Uint8Array(9 * 1024 * 1024)));
		expect(await fresh.ask.echo('alive')).to.equal('alive');
	});

	it('costs an actor that sends it its own crash, and nobody else’s', async () => {
		const recorder = await stage.spawn(Recorder, { id: stage.id() });
		const relay = await stage.spawnNear(Relay);
		for (const call of [relay.ask.tellOn, relay.ask.sendOn, relay.ask.askOn]) {
			const error = await failure('ERR_ACTOR_CRASHED', call.call(relay.ask, recorder, { f() {} }));
			expect((error.cause as TroupeError).code).to.equal('ERR_NOT_ENCODABLE');
		}
		expect(await recorder.ask.notes()).to.deep.equal([]);
	});
});

onEveryStage('a message within one node, with checks off,', (stage) => {
	it('passes by reference', async () => {
		const echo = await stage.spawnNear(Echo, { id: stage.id() });
		const mine = { text: 'mine', f() {} };
		expect(await echo.ask.echo(mine)).to.equal(mine);
		await echo.ask.spoil(mine);
		expect(mine.text).to.equal('spoiled');
	});
});
