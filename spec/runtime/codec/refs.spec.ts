import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Codec, type RefPort } from '../../../runtime/codec/codec.ts';
import { TroupeError } from '../../../runtime/core/errors.ts';

class Ref {
	readonly system: string;
	readonly id: string;
	readonly tell = () => undefined;

	constructor(system: string, id: string) {
		this.system = system;
		this.id = id;
	}
}

function portOf(system: string): RefPort {
	return {
		isRef: (value) => value instanceof Ref,
		toWire: (ref) => [(ref as Ref).id, { at: (ref as Ref).system }],
		fromWire: ([id]) => {
			if (typeof id !== 'string') throw new TroupeError('ERR_MALFORMED', 'a ref without an ID');
			return new Ref(system, id);
		},
	};
}

const east = new Codec({ refs: portOf('east') });
const west = new Codec({ refs: portOf('west') });

describe('a ref inside a message', () => {
	it('arrives as a working ref, wherever it stands', () => {
		const ref = new Ref('east', 'a');
		const message = { to: ref, all: [ref], map: new Map([[ref, ref]]), set: new Set([ref]), 1023: ref };
		const arrived = west.decode(east.encode(message)) as typeof message;
		const refs = [
			arrived.to,
			...arrived.all,
			...arrived.map.keys(),
			...arrived.map.values(),
			...arrived.set,
			arrived[1023],
		];
		for (const found of refs) expect([found.system, found.id]).to.deep.equal(['west', 'a']);
	});

	it('arrives inside an error', () => {
		const error = Object.assign(new Error('x'), { actor: new Ref('east', 'a') });
		expect(east.copy(error).actor).to.be.instanceOf(Ref);
	});

	it('belongs to the system that decoded it, whatever other codecs do meanwhile', () => {
		const nested: RefPort = {
			isRef: (value) => value instanceof Ref,
			toWire: (ref) => [west.encode(ref), (ref as Ref).id],
			fromWire: (parts) => {
				expect((west.decode(parts[0] as Uint8Array) as Ref).system).to.equal('west');
				return new Ref('nested', parts[1] as string);
			},
		};
		const codec = new Codec({ refs: nested });
		const refs = codec.copy([new Ref('x', 'a'), [new Ref('x', 'b')], 'x'.repeat(5000), new Ref('x', 'c')]);
		expect(refs.flat().map((ref) => (ref instanceof Ref ? `${ref.system}/${ref.id}` : '-'))).to.deep.equal([
			'nested/a',
			'nested/b',
			'-',
			'nested/c',
		]);
		expect(east.copy(new Ref('x', 'a')).system).to.equal('east');
	});

	it('is asked about before anything else, even if its prototype is a plain object', () => {
		const face = { kind: 'face' };
		const codec = new Codec({
			refs: {
				isRef: (value) => Object.getPrototypeOf(value) === face,
				toWire: () => [],
				fromWire: () => Object.create(face),
			},
		});
		expect(Object.getPrototypeOf(codec.copy(Object.create(face)))).to.equal(face);
	});

	it('is malformed when its parts are wrong, or when the receiver knows no refs', () => {
		const bad: RefPort = { ...portOf('x'), toWire: () => [5] };
		const frame = new Codec({ refs: bad }).encode({ ref: new Ref('x', 'a') });
		expect(() => west.decode(frame))
			.to.throw(TroupeError, 'without an ID')
			.with.property('code', 'ERR_MALFORMED');
		expect(() => new Codec().decode(frame)).to.throw(TroupeError, 'a ref where none are expected');
		const cause = new Error('from the port');
		const throwing = new Codec({
			refs: {
				...portOf('x'),
				fromWire: () => {
					throw cause;
				},
			},
		});
		expect(() => throwing.decode(frame))
			.to.throw(TroupeError, 'from the port')
			.with.property('cause', cause);
	});

	it('counts towards the limits with its parts', () => {
		const codec = new Codec({ maxDepth: 2, refs: portOf('x') });
		codec.copy(new Ref('x', 'a'));
		expect(() => codec.encode([new Ref('x', 'a')])).to.throw(TroupeError, 'deeper than 2 levels');
	});
});
