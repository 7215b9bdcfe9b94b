import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, ActorSystem, type AnyRef } from '../../../index.ts';

class Base extends Actor {
	static readonly kind: string = 'base';

	hello(): string {
		return 'hello';
	}
}

class Wider extends Base {
	static override readonly kind = 'wider';

	more(): string {
		return 'more';
	}
}

describe('the faces of a ref', () => {
	it('send what their class does not have, and the actor, whose class it may be, decides', async () => {
		const system = await ActorSystem.start();
		await system.spawn(Wider, { id: 'w' });
		const narrow = system.ref(Base, 'w') as unknown as AnyRef;
		expect(await narrow.ask['more']?.()).to.equal('more');
		const refusal = await Promise.resolve(narrow.ask['less']?.()).catch((error) => error);
		expect(refusal).to.include({ code: 'ERR_NOT_A_MESSAGE', actor: 'w' });
		await system.stop();
	});

	it('have nothing under a name that can be no message, and nothing that others would call', async () => {
		const system = await ActorSystem.start();
		const ref = (await system.spawn(Wider)) as unknown as AnyRef;
		for (const face of [ref.tell, ref.send, ref.ask, system.ref('nobody').ask] as Record<string, unknown>[]) {
			for (const name of [
				'then',
				'constructor',
				'toString',
				'__proto__',
				'hasOwnProperty',
				'_hidden',
				'onStart',
				'toJSON',
			])
				expect(face[name], name).to.equal(undefined);
			expect(JSON.stringify(face)).to.equal('{}');
			expect(`${face}`).to.match(/^the messages of \//);
			expect(await face).to.equal(face);
		}
		expect(system.stats().sent).to.equal(0);
		await system.stop();
	});
});
