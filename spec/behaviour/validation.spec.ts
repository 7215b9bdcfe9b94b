/** Schemas at the mailbox's door. */

import { expect } from 'chai';
import * as v from 'valibot';
import { Actor } from '../../index.ts';
import { Validated } from '../support/cast/messages.ts';
import { failure } from '../support/coded.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('a message with a schema', (stage) => {
	it('is handled when it is valid, as the schema returns it', async () => {
		const actor = await stage.spawn(Validated);
		expect(await actor.ask.add(2)).to.equal(2);
		expect(await actor.ask.pay('  Ada ', { cents: 5, tip: 1 } as never)).to.equal('Ada:cents=5');
	});

	it('is refused with ERR_INVALID_MESSAGE when it is not, saying what is wrong; the actor never sees it', async () => {
		const actor = await stage.spawn(Validated, { id: stage.id('validated') });
		const error = await failure('ERR_INVALID_MESSAGE', actor.ask.add('2' as never));
		expect(error.message).to.contain('add').and.contain(actor.id).and.contain('argument 1');
		await failure('ERR_INVALID_MESSAGE', actor.send.add(null as never));
		actor.tell.add(undefined as never);
		await stage.noted({
			event: 'deadLetter',
			reason: 'invalid-message',
			id: actor.id,
			message: 'add',
			code: 'ERR_INVALID_MESSAGE',
			args: [null],
		});
		expect(await actor.ask.add(0)).to.equal(0);
	});

	it('is checked argument by argument, down to the path inside', async () => {
		const actor = await stage.spawn(Validated);
		const error = await failure('ERR_INVALID_MESSAGE', actor.ask.pay('Ada', { cents: 1.5 }));
		expect(error.message).to.contain('argument 2').and.contain('cents');
		await failure('ERR_INVALID_MESSAGE', actor.ask.pay(' ', { cents: 1 }));
		await failure('ERR_INVALID_MESSAGE', (actor.ask.pay as (...args: unknown[]) => Promise<unknown>)('Ada'));
		await failure('ERR_INVALID_MESSAGE', (actor.ask.add as (...args: unknown[]) => Promise<unknown>)(1, 2));
	});

	it('is refused when its schema is asynchronous', async () => {
		const error = await failure('ERR_INVALID_MESSAGE', (await stage.spawn(Validated)).ask.later('x'));
		expect(error.message).to.contain('asynchronous');
	});

	it('stands beside others that have none', async () => {
		expect(await (await stage.spawn(Validated)).ask.free({ any: 'thing' })).to.deep.equal({ any: 'thing' });
	});

	it('must exist: a schema for no message, or one that is none, is ERR_BAD_ACTOR', async () => {
		class Misspelt extends Actor {
			static readonly kind = 'misspelt';
			static readonly messages = { ad: v.number() };

			add(_by: number): void {}
		}
		class NoSchema extends Actor {
			static readonly kind = 'no-schema';
			static readonly messages = { add: { parse() {} } as never };

			add(_by: number): void {}
		}
		expect((await failure('ERR_BAD_ACTOR', stage.near.spawn(Misspelt))).message).to.contain("'ad'");
		expect((await failure('ERR_BAD_ACTOR', stage.near.spawn(NoSchema))).message).to.contain('Standard Schema');
	});
});
