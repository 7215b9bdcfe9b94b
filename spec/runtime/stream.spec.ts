/** What every stream promises, whichever twin it is. */

import { expect } from 'chai';
import type { Appended, Stream, StreamEntry } from '../../runtime/cluster/stream.ts';
import { twins } from '../support/twins.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (entry: StreamEntry | undefined): string | undefined => entry && Buffer.from(entry.value).toString();

function sequenceOf(appended: Appended): number {
	if (typeof appended === 'string') throw new Error(appended);
	return appended.sequence;
}

for (const twin of twins()) {
	describe(`a stream on ${twin.name}`, () => {
		let stream: Stream;
		let name: string;
		let tests = 0;
		let ids = 0;

		const open = async (client: string): Promise<Stream> =>
			twin.streams(await twin.connect(client)).open(name, { maxMessages: 4 });
		const append = (key: string, value: string, to = stream): Promise<Appended> =>
			to.append(key, bytes(value), `${++ids}`);

		before(() => twin.start());
		beforeEach(async () => {
			name = `stream-${++tests}`;
			stream = await open('a');
		});
		afterEach(() => twin.closeClients());
		after(() => twin.stop());

		it('keeps the values of a key in order, apart from those of others', async () => {
			const first = sequenceOf(await append('a', 'one'));
			await append('b', 'other');
			const second = sequenceOf(await append('a', 'two'));
			for (const certain of [false, true]) {
				expect(text(await stream.next('a', 0, certain))).to.equal('one');
				expect(text(await stream.next('a', first + 1, certain))).to.equal('two');
				expect(await stream.next('a', second + 1, certain)).to.equal(undefined);
				expect(await stream.next('nobody', 0, certain)).to.equal(undefined);
			}
			expect((await stream.entries()).map(text)).to.deep.equal(['one', 'other', 'two']);
			expect((await stream.entries('a')).map(text)).to.deep.equal(['one', 'two']);
			expect(await stream.backlog()).to.deep.equal(
				new Map([
					['a', 2],
					['b', 1],
				]),
			);
		});

		it('stores an ID once', async () => {
			const sequence = sequenceOf(await stream.append('a', bytes('one'), 'x'));
			expect(await stream.append('a', bytes('two'), 'x')).to.deep.equal({ sequence, duplicate: true });
			expect((await stream.entries()).map(text)).to.deep.equal(['one']);
		});

		it('has one winner among those who append after the same value', async () => {
			const other = await open('b');
			const race = async (after: number): Promise<readonly Appended[]> =>
				Promise.all([stream, other].map((one) => one.append('a', bytes('x'), `${++ids}`, after)));
			const first = await race(0);
			expect(first.filter((outcome) => outcome === 'conflict')).to.have.length(1);
			const winner = sequenceOf(first.find((outcome) => outcome !== 'conflict') as Appended);
			await append('b', 'elsewhere');
			expect((await race(winner)).filter((outcome) => outcome === 'conflict')).to.have.length(1);
			expect((await race(winner)).filter((outcome) => outcome === 'conflict')).to.have.length(2);
		});

		it('knows a value that is appended again, although it is not the next any more', async () => {
			const first = await stream.append('a', bytes('one'), 'first', 0);
			const second = await stream.append('a', bytes('two'), 'second', sequenceOf(first));
			for (const [id, after, expected] of [
				['first', 0, first],
				['second', sequenceOf(first), second],
			] as const)
				expect(await stream.append('a', bytes('again'), id, after)).to.deep.equal({
					sequence: sequenceOf(expected),
					duplicate: true,
				});
			expect((await stream.entries()).map(text)).to.deep.equal(['one', 'two']);
		});

		it('takes the largest value that it says it takes, and says what is too large', async () => {
			expect(await stream.append('a', Buffer.alloc(stream.maxBytes), 'large')).to.have.property('duplicate', false);
			const refused = await stream
				.append('a', Buffer.alloc(stream.maxBytes + 1), 'larger')
				.catch((error) => error.code);
			expect(refused).to.equal('ERR_TOO_LARGE');
		});

		it('removes a value of the key once, and no other', async () => {
			const first = sequenceOf(await append('a', '1'));
			await append('a', '2');
			expect(await stream.remove('b', first)).to.equal(false);
			expect(await stream.remove('a', first)).to.equal(true);
			expect(await stream.remove('a', first)).to.equal(false);
			expect(await stream.remove('a', 1_000)).to.equal(false);
			expect((await stream.entries()).map(text)).to.deep.equal(['2']);
			expect(await stream.backlog()).to.deep.equal(new Map([['a', 1]]));
		});

		it('refuses when it is full, and takes values again when one is removed', async () => {
			const first = sequenceOf(await append('a', '1'));
			for (const value of ['2', '3', '4']) await append('b', value);
			expect(await append('a', '5')).to.equal('full');
			await stream.remove('a', first);
			expect(await append('a', '6')).to.have.property('duplicate', false);
		});

		it('has its values after the broker crashed, numbers on, and still knows their IDs', async () => {
			const sequence = sequenceOf(await stream.append('a', bytes('one'), 'x'));
			await twin.closeClients();
			await twin.crash();
			await twin.recover();
			const again = await open('again');
			expect(again.created).to.equal(stream.created);
			expect((await again.entries()).map(text)).to.deep.equal(['one']);
			expect(await again.append('a', bytes('one'), 'x')).to.deep.equal({ sequence, duplicate: true });
			expect(sequenceOf(await append('a', 'two', again))).to.be.above(sequence);
		});

		it('that was lost is another: what was opened before does nothing to it', async () => {
			const sequence = sequenceOf(await append('a', 'lost'));
			await twin.wipe();
			const again = await open('again');
			expect(again.created).to.be.above(stream.created);
			expect(sequenceOf(await append('a', 'kept', again))).to.equal(sequence);
			expect(await stream.remove('a', sequence).catch(() => false)).to.equal(false);
			expect(await append('a', 'never').catch((error) => error.code)).to.equal('ERR_CLAIM_UNAVAILABLE');
			expect((await again.entries()).map(text)).to.deep.equal(['kept']);
		});

		it('refuses a key that would be more than one token', async () => {
			for (const key of ['', 'a.b', '*', '>', 'a b'])
				expect(await append(key, 'x').catch((error) => error.code)).to.equal('ERR_BAD_OPTION');
		});
	});
}
