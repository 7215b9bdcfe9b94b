import { expect } from 'chai';
import { describe, it } from 'mocha';
import { successor } from '../../../runtime/cluster/ring.ts';

describe('the one whom a node looks after', () => {
	it('comes after it, and after the last comes the first', () => {
		const ids = ['c', 'a', 'd', 'b'];
		expect(ids.map((id) => successor(id, ids))).to.deep.equal(['d', 'b', 'a', 'c']);
	});

	it('need not know of it', () => {
		expect(successor('b', ['a', 'd', 'c'])).to.equal('c');
	});

	it('is nobody when it is alone', () => {
		expect(successor('a', [])).to.equal(undefined);
		expect(successor('a', ['a'])).to.equal(undefined);
	});
});
