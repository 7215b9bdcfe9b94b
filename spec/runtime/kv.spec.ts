/** What every key-value store promises, whichever twin it is. */

import { expect } from 'chai';
import type { Bucket, KvStore } from '../../runtime/cluster/kv.ts';
import { isTroupeError } from '../../runtime/core/errors.ts';
import type { Transport } from '../../runtime/transport/transport.ts';
import { eventually } from '../support/eventually.ts';
import { twins } from '../support/twins.ts';

const bytes = (text: string) => Buffer.from(text);

/** The code of the error that `promise` rejects with. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
	try {
		await promise;
		return 'none: it resolved';
	} catch (error) {
		return isTroupeError(error) ? error.code : String(error);
	}
}

for (const twin of twins()) {
	describe(`a bucket on ${twin.name}`, () => {
		let transport: Transport;
		let store: KvStore;
		let bucket: Bucket;
		let name: string;
		let tests = 0;

		before(() => twin.start());
		beforeEach(async () => {
			transport = await twin.connect('a');
			store = twin.store(transport);
			name = `bucket-${++tests}`;
			bucket = await store.open(name);
		});
		afterEach(() => twin.closeClients());
		after(() => twin.stop());

		async function read(key: string, from = bucket): Promise<string | undefined> {
			const entry = await from.get(key);
			return entry && Buffer.from(entry.value).toString();
		}

		async function create(key: string, value = 'value'): Promise<number> {
			const revision = await bucket.create(key, bytes(value));
			if (revision === undefined) throw new Error(`${key} has a value already`);
			return revision;
		}

		describe('creating', () => {
			it('writes a key that has no value', async () => {
				const revision = await create('key', 'one');
				expect(await bucket.get('key')).to.deep.include({ key: 'key', revision });
				expect(await read('key')).to.equal('one');
			});

			it('changes nothing when the key has a value', async () => {
				await create('key', 'one');
				expect(await bucket.create('key', bytes('two'))).to.equal(undefined);
				expect(await read('key')).to.equal('one');
			});

			it('has one winner for each of 50 keys that nine clients race for', async () => {
				const clients = await Promise.all(Array.from({ length: 9 }, (_, n) => twin.connect(`racer-${n}`)));
				const buckets = await Promise.all(clients.map((client) => twin.store(client).open(name)));
				const keys = Array.from({ length: 50 }, (_, n) => `key-${n}`);
				const outcomes = await Promise.all(
					keys.map((key) => Promise.all(buckets.map((racing, n) => racing.create(key, bytes(String(n)))))),
				);
				for (const [index, revisions] of outcomes.entries()) {
					const winners = revisions.flatMap((revision, n) => (revision === undefined ? [] : [{ revision, n }]));
					expect(winners).to.have.length(1);
					const entry = await bucket.get(`key-${index}`);
					expect(entry?.revision).to.equal(winners[0]?.revision);
					expect(Buffer.from(entry?.value ?? []).toString()).to.equal(String(winners[0]?.n));
				}
			});

			it('takes the value as it is at the call', async () => {
				const value = bytes('before');
				const created = bucket.create('key', value);
				value.fill('x');
				await created;
				expect(await read('key')).to.equal('before');
			});

			it('takes an empty value', async () => {
				await create('key', '');
				expect(await read('key')).to.equal('');
			});
		});

		describe('updating', () => {
			it('writes when the revision is the present one, and the revision rises', async () => {
				const first = await create('key', 'one');
				const second = await bucket.update('key', bytes('two'), first);
				expect(second).to.be.above(first);
				expect(await bucket.get('key')).to.deep.include({ revision: second });
				expect(await read('key')).to.equal('two');
			});

			it('changes nothing when the revision is stale', async () => {
				const first = await create('key', 'one');
				await bucket.update('key', bytes('two'), first);
				expect(await bucket.update('key', bytes('three'), first)).to.equal(undefined);
				expect(await read('key')).to.equal('two');
			});

			it('changes nothing when the key has no value', async () => {
				expect(await bucket.update('key', bytes('one'), 1)).to.equal(undefined);
				expect(await bucket.update('key', bytes('one'), 0)).to.equal(undefined);
				expect(await bucket.get('key')).to.equal(undefined);
			});

			it('has one winner among those who start from the same revision', async () => {
				const revision = await create('key');
				const outcomes = await Promise.all(
					Array.from({ length: 20 }, (_, n) => bucket.update('key', bytes(String(n)), revision)),
				);
				expect(outcomes.filter((outcome) => outcome !== undefined)).to.have.length(1);
			});
		});

		describe('removing', () => {
			it('leaves no value and no marker, so that the key can be created again', async () => {
				const revision = await create('key');
				expect(await bucket.remove('key', revision)).to.equal(true);
				expect(await bucket.get('key')).to.equal(undefined);
				expect(await bucket.entries()).to.deep.equal([]);
				expect(await bucket.create('key', bytes('again'))).to.be.above(revision);
			});

			it('is false for a revision that has been overwritten, and leaves the present one', async () => {
				const first = await create('key', 'one');
				await bucket.update('key', bytes('two'), first);
				expect(await bucket.remove('key', first)).to.equal(false);
				expect(await read('key')).to.equal('two');
			});

			it('is false the second time, for a revision to come, and for none', async () => {
				const revision = await create('key');
				await bucket.remove('key', revision);
				expect(await bucket.remove('key', revision)).to.equal(false);
				expect(await bucket.remove('key', revision + 1)).to.equal(false);
				expect(await bucket.remove('key', 0)).to.equal(false);
			});

			it('never removes another key, whose revision it is', async () => {
				const revision = await create('mine');
				expect(await bucket.remove('other', revision)).to.equal(false);
				expect(await read('mine')).to.equal('value');
			});

			it('either removes or is overwritten when racing with an update, never both', async () => {
				for (let round = 0; round < 20; round++) {
					const key = `key-${round}`;
					const revision = await create(key);
					const [removed, updated] = await Promise.all([
						bucket.remove(key, revision),
						bucket.update(key, bytes('new'), revision),
					]);
					expect(removed).to.equal(updated === undefined);
					expect(await read(key)).to.equal(removed ? undefined : 'new');
				}
			});
		});

		describe('revisions', () => {
			it('rise across all keys of the bucket', async () => {
				const revisions: number[] = [];
				for (const key of ['a', 'b', 'c']) revisions.push(await create(key));
				revisions.push((await bucket.update('a', bytes('two'), revisions[0] ?? 0)) ?? 0);
				expect(revisions).to.deep.equal([...revisions].sort((one, other) => one - other));
				expect(new Set(revisions).size).to.equal(4);
			});

			it('are not given twice, even when the newest was removed', async () => {
				const revision = await create('key');
				await bucket.remove('key', revision);
				expect(await create('other')).to.be.above(revision);
			});
		});

		describe('listing', () => {
			it('gives every entry once', async () => {
				expect(await bucket.entries()).to.deep.equal([]);
				const keys = Array.from({ length: 300 }, (_, n) => `key-${n}`);
				const revisions = await Promise.all(keys.map((key) => create(key, `value of ${key}`)));
				const entries = await bucket.entries();
				expect(entries.map(({ key }) => key)).to.have.members(keys);
				for (const { key, value, revision } of entries) {
					expect(Buffer.from(value).toString()).to.equal(`value of ${key}`);
					expect(revision).to.equal(revisions[keys.indexOf(key)]);
				}
			});

			it('never misses a key that is being overwritten meanwhile', async () => {
				const keys = Array.from({ length: 50 }, (_, n) => `key-${n}`);
				let done = false;
				const writers = keys.map(async (key) => {
					let revision = await create(key);
					while (!done) revision = (await bucket.update(key, bytes('more'), revision)) ?? 0;
				});
				await eventually(async () => (await bucket.entries()).length === keys.length);
				for (let round = 0; round < 20; round++) expect(await bucket.entries()).to.have.length(keys.length);
				done = true;
				await Promise.all(writers);
			});
		});

		describe('opening', () => {
			it('finds the bucket that another client made, and everyone agrees when that was', async () => {
				await create('key', 'one');
				const other = await twin.store(await twin.connect('b')).open(name);
				expect(await read('key', other)).to.equal('one');
				expect(other.created).to.equal(bucket.created);
				expect(bucket.created).to.be.closeTo(Date.now(), 60_000);
			});

			it('agrees on one bucket when many make it at once', async () => {
				const clients = await Promise.all(Array.from({ length: 9 }, (_, n) => twin.connect(`opener-${n}`)));
				const opened = await Promise.all(clients.map((client) => twin.store(client).open(`${name}-new`)));
				expect(new Set(opened.map(({ created }) => created)).size).to.equal(1);
				const outcomes = await Promise.all(opened.map((one) => one.create('key', bytes('one'))));
				expect(outcomes.filter((outcome) => outcome !== undefined)).to.have.length(1);
			});

			it('keeps buckets apart', async () => {
				await create('key', 'one');
				const other = await store.open(`${name}-other`);
				expect(await other.get('key')).to.equal(undefined);
				expect(other.created).to.be.above(bucket.created);
			});

			it('takes fewer replicas where there are fewer servers', async () => {
				const replicated = await store.open(`${name}-replicated`, { replicas: 3 });
				expect(await replicated.create('key', bytes('one'))).to.equal(1);
			});

			it('refuses a name that could reach beyond the bucket', async () => {
				for (const bad of ['', 'a.b', 'a b', '*', '>', 'a/b'])
					expect(await codeOf(store.open(bad)), bad).to.equal('ERR_BAD_OPTION');
			});

			it('refuses a key that could reach beyond the key', async () => {
				for (const bad of ['', 'a.b', 'a b', '*', '>', 'a\r\nPUB x', 'ä']) {
					for (const operation of [
						bucket.get(bad),
						bucket.create(bad, bytes('')),
						bucket.update(bad, bytes(''), 1),
						bucket.remove(bad, 1),
					])
						expect(await codeOf(operation), bad).to.equal('ERR_BAD_OPTION');
				}
			});

			it('lets go of entries older than maxAge', async () => {
				const short = await store.open(`${name}-short`, { maxAge: 200 });
				await short.create('key', bytes('one'));
				expect(await read('key', short)).to.equal('one');
				await eventually(async () => (await short.get('key')) === undefined);
				expect(await short.create('key', bytes('two'))).to.be.above(1);
			});
		});

		describe('when the outcome cannot be known', () => {
			it('rejects every operation while the broker is down, and goes on when it is back', async () => {
				const revision = await create('key', 'one');
				await twin.crash();
				await eventually(() => transport.state === 'disconnected');
				const start = performance.now();
				const operations = [
					bucket.get('key'),
					bucket.create('other', bytes('')),
					bucket.update('key', bytes(''), revision),
					bucket.remove('key', revision),
					bucket.entries(),
					store.open(name),
				];
				for (const code of await Promise.all(operations.map(codeOf))) expect(code).to.equal('ERR_CLAIM_UNAVAILABLE');
				expect(performance.now() - start).to.be.below(1_000);

				await twin.recover();
				await eventually(() => transport.state === 'connected');
				expect(await read('key')).to.equal('one');
				expect(await bucket.update('key', bytes('two'), revision)).to.be.above(revision);
				expect((await store.open(name)).created).to.equal(bucket.created);
			});

			it('rejects when the connection is closed', async () => {
				await transport.close();
				expect(await codeOf(bucket.create('key', bytes('')))).to.equal('ERR_CLAIM_UNAVAILABLE');
				expect(await codeOf(bucket.entries())).to.equal('ERR_CLAIM_UNAVAILABLE');
			});

			it('says what could not be done, where, and why', async () => {
				await transport.close();
				const error = await bucket.create('key', bytes('')).catch((reason: unknown) => reason);
				expect(error).to.be.an('error');
				expect((error as Error).message)
					.to.include("create key 'key'")
					.and.include(name)
					.and.include(transport.address);
				expect((error as Error).cause).to.be.an('error');
			});
		});

		describe("when the store's state is lost", () => {
			it('rejects until the bucket is opened again, which makes a younger one', async () => {
				const revision = await create('key', 'one');
				await twin.wipe();
				expect(await codeOf(bucket.create('other', bytes('')))).to.equal('ERR_CLAIM_UNAVAILABLE');
				expect(await codeOf(bucket.update('key', bytes(''), revision))).to.equal('ERR_CLAIM_UNAVAILABLE');
				expect(await codeOf(bucket.entries())).to.equal('ERR_CLAIM_UNAVAILABLE');

				const anew = await store.open(name);
				expect(anew.created).to.be.above(bucket.created);
				expect(await anew.get('key')).to.equal(undefined);
				expect(await anew.create('key', bytes('anew'))).to.equal(1);
			});

			it('never lets a bucket opened before write into, or remove from, the one made after', async () => {
				const revision = await create('key', 'one');
				await twin.wipe();
				const other = await twin.store(await twin.connect('b')).open(name);
				expect(await other.create('key', bytes('new life'))).to.equal(revision);

				expect(await codeOf(bucket.create('mine', bytes('old life')))).to.equal('ERR_CLAIM_UNAVAILABLE');
				expect(await codeOf(bucket.update('key', bytes('old life'), revision))).to.equal('ERR_CLAIM_UNAVAILABLE');
				await bucket.remove('key', revision).catch(() => {});
				expect(await read('key', other)).to.equal('new life');
				expect(await other.entries()).to.have.length(1);
			});
		});
	});
}
