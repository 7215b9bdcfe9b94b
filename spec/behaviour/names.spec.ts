/** What is no message, whoever asks for it: hooks, base members, `_names`, and what every object has. */

import { expect } from 'chai';
import { Counter, Guarded, Stranger } from '../support/cast/messages.ts';
import { failure } from '../support/coded.ts';
import { Loose } from '../support/loose.ts';
import { onEveryStage } from '../support/stages.ts';

onEveryStage('what is no message', (stage) => {
	/** The faces as somebody without types would use them. */
	const loose = (ref: unknown) =>
		ref as Record<'tell' | 'send' | 'ask', Record<string, (...args: unknown[]) => unknown>>;

	const names = [
		...['onStart', 'onStop', 'onRestart', 'onTerminated'],
		...['_hidden', '__proto__', 'constructor', 'then', 'catch', 'toString', 'valueOf', 'hasOwnProperty', 'toJSON'],
		...[
			'spawn',
			'watch',
			'unwatch',
			'stash',
			'unstash',
			'become',
			'self',
			'args',
			'sender',
			'system',
			'signal',
			'log',
			'timers',
		],
		...['field', 'getter', 'name', '', '#secret', 'noSuchMethod'],
	];

	it('is not on the faces of a ref', async () => {
		const guarded = loose(await stage.spawn(Guarded));
		for (const face of [guarded.tell, guarded.send, guarded.ask]) {
			const own: string[] = [];
			for (const name in face) own.push(name);
			expect(own.sort()).to.deep.equal(['greet', 'open']);
		}
	});

	it('is refused with ERR_NOT_A_MESSAGE when a ref without types calls it', async () => {
		const guarded = await stage.spawn(Guarded, { id: stage.id('guarded') });
		// A ref under a wrong class has that class's faces: the receiving side decides.
		const wrong = stage.near.ref(Counter, guarded.id);
		const error = await failure('ERR_NOT_A_MESSAGE', wrong.ask.add(1));
		expect(error.message).to.contain('add').and.contain(guarded.id);
		await failure('ERR_NOT_A_MESSAGE', wrong.send.add(1));
		wrong.tell.get();
		await stage.noted({ event: 'deadLetter', reason: 'not-a-message', id: guarded.id, message: 'get' });
	});

	it('is refused whatever its name, and never runs', async () => {
		const guarded = await stage.spawn(Guarded, { id: stage.id('guarded') });
		const anything = Loose.refTo(stage.near, guarded.id);
		for (const name of names) {
			await failure('ERR_NOT_A_MESSAGE', anything.ask(name));
			await failure('ERR_NOT_A_MESSAGE', anything.send(name));
			anything.tell(name);
			await stage.noted({ event: 'deadLetter', reason: 'not-a-message', id: guarded.id, message: name });
		}
		expect(await guarded.ask.open()).to.equal('secret');
		expect(await stage.journal(guarded.id)).to.deep.equal([]);
	});

	it('leaves inherited public methods of the user’s own classes as messages', async () => {
		expect(await (await stage.spawn(Guarded)).ask.greet()).to.equal('I am guarded');
	});

	it('does not make a ref, or a face of it, look thenable', async () => {
		const known = await stage.spawn(Guarded);
		const unknown = await stage.spawn(Stranger);
		for (const ref of [known, unknown]) {
			expect(loose(ref)).not.to.have.property('then');
			for (const face of [loose(ref).tell, loose(ref).send, loose(ref).ask]) {
				expect(face['then']).to.equal(undefined);
				expect(await face).to.equal(face);
			}
			expect(await ref).to.equal(ref);
		}
	});
});
