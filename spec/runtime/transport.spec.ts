/** What every transport promises, whichever twin it is. */

import { expect } from 'chai';
import type { Transport } from '../../runtime/transport/transport.ts';
import { eventually } from '../support/eventually.ts';
import { twins } from '../support/twins.ts';

const bytes = (text: string) => Buffer.from(text);
const text = (data: Uint8Array) => Buffer.from(data).toString();

for (const twin of twins()) {
	describe(`a transport on ${twin.name}`, () => {
		let a: Transport;
		let b: Transport;
		let subject: string;
		let tests = 0;

		before(() => twin.start());
		beforeEach(async () => {
			[a, b] = await Promise.all([twin.connect('a'), twin.connect('b')]);
			subject = `spec.${++tests}`;
		});
		afterEach(() => twin.closeClients());
		after(() => twin.stop());

		/** Everything that arrives at `transport` under `pattern`, once the broker knows of the subscription. */
		async function listen(transport: Transport, pattern: string): Promise<string[]> {
			const heard: string[] = [];
			transport.subscribe(pattern, (data) => heard.push(text(data)));
			await transport.flush();
			return heard;
		}

		describe('carrying messages', () => {
			it('keeps the order in which one publishes to another', async () => {
				const heard = await listen(b, subject);
				const sent = Array.from({ length: 20_000 }, (_, n) => String(n));
				for (const message of sent) a.publish(subject, bytes(message));
				await eventually(() => heard.length === sent.length);
				expect(heard).to.deep.equal(sent);
			});

			it('does not deliver while the publisher is still running', async () => {
				const heard = await listen(a, subject);
				a.publish(subject, bytes('self'));
				expect(heard).to.deep.equal([]);
				await eventually(() => heard.length === 1);
			});

			it('reaches everyone who listens, the publisher too', async () => {
				const heard = await Promise.all([listen(a, subject), listen(b, subject), listen(b, subject)]);
				a.publish(subject, bytes('all'));
				await eventually(() => heard.flat().length === 3);
			});

			it('lets * stand for one token and > for the rest', async () => {
				const star = await listen(b, `${subject}.*.end`);
				const rest = await listen(b, `${subject}.>`);
				const exact = await listen(b, `${subject}.x`);
				for (const tail of ['.x', '.x.end', '.y.end', '.x.y.end', '.end', ''])
					a.publish(subject + tail, bytes(tail || 'none'));
				await eventually(() => rest.length === 5);
				expect(star).to.deep.equal(['.x.end', '.y.end']);
				expect(rest).to.deep.equal(['.x', '.x.end', '.y.end', '.x.y.end', '.end']);
				expect(exact).to.deep.equal(['.x']);
			});

			it('tells the subject', async () => {
				const subjects: string[] = [];
				b.subscribe(`${subject}.*`, (_data, at) => subjects.push(at));
				await b.flush();
				a.publish(`${subject}.here`, bytes(''));
				await eventually(() => subjects.length === 1);
				expect(subjects).to.deep.equal([`${subject}.here`]);
			});

			it('keeps the order of messages of all sizes, and every byte of them', async () => {
				const heard: Buffer[] = [];
				b.subscribe(subject, (data) => heard.push(Buffer.from(data)));
				await b.flush();
				const sent = Array.from({ length: 300 }, (_, n) => Buffer.alloc((n * n * 37) % 70_000, n));
				for (const [n, data] of sent.entries()) {
					a.publish(subject, data);
					if (n % 10 === 0) await new Promise(setImmediate);
				}
				await eventually(() => heard.length === sent.length);
				expect(heard.every((data, n) => data.equals(sent[n] as Buffer))).to.equal(true);
			});

			it('publishes together what belongs together, even if that ends with an error', async () => {
				const heard = await listen(b, subject);
				expect(() =>
					a.together(() => {
						for (const text of ['one', 'two']) a.publish(subject, bytes(text));
						throw new Error('no three');
					}),
				).to.throw('no three');
				await eventually(() => heard.length === 2);
				a.publish(subject, bytes('four'));
				await eventually(() => heard.length === 3);
				expect(heard).to.deep.equal(['one', 'two', 'four']);
			});

			it('takes a payload of exactly maxPayload, and refuses a byte more', async () => {
				expect(a.maxPayload).to.equal(1024 * 1024);
				const largest = Buffer.alloc(a.maxPayload, 7);
				let heard: Buffer | undefined;
				b.subscribe(subject, (data) => {
					heard = Buffer.from(data);
				});
				await b.flush();
				a.publish(subject, largest);
				await eventually(() => heard !== undefined);
				expect(heard?.equals(largest)).to.equal(true);
				expect(() => a.publish(subject, Buffer.alloc(a.maxPayload + 1)))
					.to.throw(/1048577 bytes/)
					.with.property('code', 'ERR_TOO_LARGE');
				expect(a.state).to.equal('connected');
			});

			it('stops when the subscription is ended, and only that one', async () => {
				const ended: string[] = [];
				const end = b.subscribe(subject, (data) => ended.push(text(data)));
				const kept = await listen(b, subject);
				a.publish(subject, bytes('one'));
				await eventually(() => kept.length === 1);
				end();
				end();
				a.publish(subject, bytes('two'));
				await eventually(() => kept.length === 2);
				expect(ended).to.deep.equal(['one']);
			});

			it('survives a receiver that throws, and tells of it', async () => {
				const problems: Error[] = [];
				b.onProblem((problem) => problems.push(problem));
				b.subscribe(subject, (data) => {
					if (text(data) === 'poison') throw new Error('cannot swallow this');
				});
				const heard = await listen(b, subject);
				for (const message of ['poison', 'bread']) a.publish(subject, bytes(message));
				await eventually(() => heard.length === 2);
				expect(problems.map(({ message }) => message)).to.deep.equal(['cannot swallow this']);
			});

			it('survives one who throws when told of a problem', async () => {
				b.onProblem(() => {
					throw new Error('even this');
				});
				b.subscribe(subject, () => {
					throw 'not an error';
				});
				const heard = await listen(b, subject);
				a.publish(subject, bytes('one'));
				a.publish(subject, bytes('two'));
				await eventually(() => heard.length === 2);
			});
		});

		describe('asking whether anybody listens', () => {
			it('is answered by one who does', async () => {
				b.subscribe(subject, (data, _subject, replyTo) => {
					expect(data).to.have.length(0);
					if (replyTo) b.publish(replyTo, bytes('here'));
				});
				await b.flush();
				expect(await a.probe(subject, 2_000)).to.equal('answered');
			});

			it('hears at once that nobody does', async () => {
				const start = performance.now();
				expect(await a.probe(subject, 30_000)).to.equal('no-responders');
				expect(performance.now() - start).to.be.below(2_000);
			});

			it('hears at once when the only listener has closed', async () => {
				await listen(b, subject);
				expect(await a.probe(subject, 20)).to.equal('silent');
				await b.close();
				// The server may notice the end of a connection a moment after its client.
				await eventually(async () => (await a.probe(subject, 200)) === 'no-responders');
			});

			it('hears nothing from one who does not answer, and waits no longer than told', async () => {
				await listen(b, subject);
				const start = performance.now();
				expect(await a.probe(subject, 50)).to.equal('silent');
				expect(performance.now() - start).to.be.within(45, 2_000);
			});

			it('asks many at once without mixing them up', async () => {
				for (let n = 0; n < 100; n += 2)
					b.subscribe(`${subject}.${n}`, (_data, _subject, replyTo) => replyTo && b.publish(replyTo, bytes('here')));
				await b.flush();
				const results = await Promise.all(Array.from({ length: 100 }, (_, n) => a.probe(`${subject}.${n}`, 5_000)));
				expect(results).to.deep.equal(Array.from({ length: 100 }, (_, n) => (n % 2 ? 'no-responders' : 'answered')));
			});

			it('is silent when the broker is down, without waiting', async () => {
				await twin.crash();
				try {
					await eventually(() => a.state === 'disconnected');
					expect(await a.probe(subject, 30_000)).to.equal('silent');
				} finally {
					await twin.recover();
				}
			});
		});

		describe('when the broker goes down and comes back', () => {
			it('tells both, drops what was published in between, and goes on listening', async () => {
				const heard = await listen(b, subject);
				const states: string[] = [];
				const problems: string[] = [];
				a.onProblem(({ message }) => problems.push(message));
				a.onState((state) => {
					throw new Error(`cannot bear to be ${state}`);
				});
				const stopWatching = a.onState((state) => states.push(state));
				a.publish(subject, bytes('before'));
				await eventually(() => heard.length === 1);

				await twin.crash();
				await eventually(() => a.state === 'disconnected' && b.state === 'disconnected');
				for (let n = 0; n < 100; n++) a.publish(subject, bytes('lost'));
				await a.flush();

				await twin.recover();
				await eventually(() => a.state === 'connected' && b.state === 'connected');
				// What b listens to is with the server when the server has answered b.
				await b.flush();
				a.publish(subject, bytes('after'));
				await eventually(() => heard.includes('after'));
				expect(heard).to.deep.equal(['before', 'after']);
				expect(states).to.deep.equal(['disconnected', 'connected']);
				expect(problems).to.include.members(['cannot bear to be disconnected', 'cannot bear to be connected']);

				stopWatching();
				await a.close();
				expect(states).to.have.length(2);
			});

			it('settles what was being asked', async () => {
				await listen(b, subject);
				const probe = a.probe(subject, 60_000);
				await a.flush();
				await twin.crash();
				expect(await probe).to.equal('silent');
				await twin.recover();
			});

			it('can be subscribed to and unsubscribed from while it is down', async () => {
				const ended: string[] = [];
				const end = b.subscribe(subject, (data) => ended.push(text(data)));
				await twin.crash();
				await eventually(() => b.state === 'disconnected');
				end();
				const heard = await listen(b, subject);
				await twin.recover();
				await eventually(() => a.state === 'connected' && b.state === 'connected');
				await b.flush();
				a.publish(subject, bytes('one'));
				await eventually(() => heard.length === 1);
				expect(ended).to.deep.equal([]);
			});

			it('can be closed while it is down', async () => {
				await twin.crash();
				await eventually(() => a.state === 'disconnected');
				const start = performance.now();
				await a.close();
				expect(performance.now() - start).to.be.below(2_000);
				await twin.recover();
				await eventually(() => b.state === 'connected');
				expect(a.state).to.equal('closed');
			});
		});

		describe('closing', () => {
			it('sends what was published before', async () => {
				const heard = await listen(b, subject);
				for (let n = 0; n < 1_000; n++) a.publish(subject, bytes(String(n)));
				await a.close();
				await eventually(() => heard.length === 1_000);
			});

			it('is told once, is final, and may be repeated', async () => {
				const states: string[] = [];
				a.onState((state) => states.push(state));
				await Promise.all([a.close(), a.close()]);
				await a.close();
				expect(a.state).to.equal('closed');
				expect(states).to.deep.equal(['closed']);
			});

			it('ends all subscriptions', async () => {
				const heard = await listen(b, subject);
				const others = await listen(a, subject);
				await b.close();
				a.publish(subject, bytes('late'));
				await eventually(() => others.length === 1);
				expect(heard).to.deep.equal([]);
			});

			it('leaves a transport on which everything is harmless', async () => {
				await a.close();
				const end = a.subscribe(subject, () => {
					throw new Error('heard something');
				});
				a.publish(subject, bytes('nobody'));
				await a.flush();
				expect(await a.probe(subject, 30_000)).to.equal('silent');
				end();
			});

			it('does not wait for a probe under way', async () => {
				await listen(b, subject);
				const probe = a.probe(subject, 60_000);
				await a.close();
				expect(await probe).to.equal('silent');
			});
		});

		it('stays with a broker that is forsaken when there is no other', async () => {
			const states: string[] = [];
			a.onState((state) => states.push(state));
			a.forsake();
			await a.flush();
			expect(await a.probe(subject, 2_000)).to.equal('no-responders');
			expect(states).to.deep.equal([]);
		});

		it('names the broker for people', () => {
			expect(a.address).to.match(/^(memory|nats):\/\/.+/);
		});
	});
}
