import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Mail } from '../../../runtime/mailbox/mail.ts';
import { Mailbox } from '../../../runtime/mailbox/mailbox.ts';
import { collected } from '../../support/garbage.ts';

type Letter = Mail<string, string, number>;

type Letters = Mailbox<string, string, number>;

/** A number: so many messages are put in. */
type Step = number | 'take' | 'put back' | 'let go' | 'shift' | 'drop' | 'swap';

const steps = fc.array(
	fc.oneof(
		{ weight: 4, arbitrary: fc.nat(3) },
		{ weight: 1, arbitrary: fc.constant(300) },
		{ weight: 4, arbitrary: fc.constantFrom<Step>('take', 'put back', 'let go') },
		{ weight: 1, arbitrary: fc.constantFrom<Step>('shift', 'drop', 'swap') },
	),
	{ maxLength: 200, size: 'max' },
);

/** What a mailbox promises, told with lists: `waiting` in the order of arrival, `back` before it. */
class Model {
	readonly #waiting: number[] = [];
	readonly #back: number[] = [];
	readonly #urgent: boolean;

	constructor(urgent: boolean) {
		this.#urgent = urgent;
	}

	get length(): number {
		return this.#waiting.length + this.#back.length;
	}

	put(number: number): void {
		this.#waiting.push(number);
	}

	putBack(number: number): void {
		this.#back.push(number);
	}

	next(): number | undefined {
		return this.#back.pop() ?? this.#take(this.#urgent ? Math.max(...this.#waiting.map(urgencyOf)) : undefined);
	}

	drop(): number | undefined {
		if (!this.#urgent || this.#waiting.length === 0) return this.next();
		const least = Math.min(...this.#waiting.map(urgencyOf));
		return this.#waiting.splice(
			this.#waiting.findLastIndex((number) => urgencyOf(number) === least),
			1,
		)[0];
	}

	#take(urgency: number | undefined): number | undefined {
		if (urgency === undefined) return this.#waiting.shift();
		return this.#waiting.splice(
			this.#waiting.findIndex((number) => urgencyOf(number) === urgency),
			1,
		)[0];
	}
}

const urgencyOf = (number: number): number => number % 10;

/** Puts message number `number`, all of whose parts say so. */
function put(mailbox: Letters, number: number): void {
	mailbox.put(`handler ${number}`, number, `sender ${number}`, number);
}

/** The number of a message, after a look at its parts. */
function numberOf(letter: Letter | Letters): number {
	const { handler, payload, sender, replyTo } = letter;
	expect([handler, sender, replyTo]).to.deep.equal([`handler ${payload}`, `sender ${payload}`, payload]);
	return payload as number;
}

/** A mailbox and its model, which go the same way. */
class Pair {
	readonly #mailbox: Letters;
	readonly #model: Model;
	#number = 0;
	#inHand: number | undefined;

	constructor(mailbox: Letters, model: Model) {
		this.#mailbox = mailbox;
		this.#model = model;
	}

	take(step: Step): void {
		const mailbox = this.#mailbox;
		if (typeof step === 'number') this.#put(step);
		else if (step === 'take') {
			if (mailbox.holds) mailbox.letGo();
			this.#inHand = this.#model.next();
			expect(mailbox.take()).to.equal(this.#inHand === undefined ? undefined : `handler ${this.#inHand}`);
		} else if (step === 'shift' || step === 'drop') {
			const letter = mailbox[step]();
			expect(letter && numberOf(letter)).to.equal(step === 'shift' ? this.#model.next() : this.#model.drop());
		} else if (step === 'swap') this.#swap();
		else if (this.#inHand !== undefined) {
			if (step === 'put back') {
				mailbox.putBack(mailbox.mail);
				this.#model.putBack(this.#inHand);
			}
			mailbox.letGo();
			this.#inHand = undefined;
		}
		expect(mailbox.length).to.equal(this.#model.length);
		expect(mailbox.holds ? numberOf(mailbox) : undefined).to.equal(this.#inHand);
	}

	/** Takes two out and puts them back the other way round. */
	#swap(): void {
		const letters = [this.#mailbox.shift(), this.#mailbox.shift()];
		for (const number of [this.#model.next(), this.#model.next()])
			if (number !== undefined) this.#model.putBack(number);
		for (const letter of letters) if (letter) this.#mailbox.putBack(letter);
	}

	#put(count: number): void {
		for (let i = 0; i < count; i++) {
			this.#number += 7;
			put(this.#mailbox, this.#number);
			this.#model.put(this.#number);
		}
	}
}

for (const urgent of [false, true]) {
	describe(urgent ? 'a mailbox by urgency' : 'a mailbox in the order of arrival', () => {
		const make = (): Letters =>
			new Mailbox(Number.POSITIVE_INFINITY, urgent ? ({ payload }: Letter) => urgencyOf(payload as number) : undefined);

		it('does what its model of lists does, whatever is put in, taken, put back and dropped', () => {
			fc.assert(
				fc.property(steps, (script) => {
					const pair = new Pair(make(), new Model(urgent));
					for (const step of script) pair.take(step);
				}),
				{ numRuns: 500 },
			);
		});

		it('gives a message that was put back in hand as the very object it was', () => {
			const mailbox = make();
			put(mailbox, 1);
			mailbox.take();
			const { mail } = mailbox;
			mailbox.letGo();
			mailbox.putBack(mail);
			put(mailbox, 9);
			mailbox.take();
			expect(mailbox.mail).to.equal(mail);
		});
	});
}

describe('a mailbox', () => {
	it('holds a hundred thousand and gives each back once, in order', () => {
		const mailbox = new Mailbox<string, string, number>(1_000);
		for (let number = 0; number < 100_000; number++) put(mailbox, number);
		for (let number = 0; number < 100_000; number++)
			if (!mailbox.take() || mailbox.payload !== number) expect.fail(`lost ${number}`);
		expect(mailbox.take()).to.equal(undefined);
	});

	it('lets go of what it has in hand when it takes the next, and of nothing else', () => {
		const [careless, other] = [
			new Mailbox<string, string, number>(1),
			new Mailbox<string, string | undefined, number>(1),
		];
		for (let number = 0; number < 2_000; number++) put(careless, number);
		while (careless.take());
		for (let number = 0; number < 2_000; number++) other.put('handler', number, undefined, 0);
		other.letGo();
		for (let number = 0; other.take(); number++)
			expect([other.payload, other.sender]).to.deep.equal([number, undefined]);
	});

	it('keeps nothing of a message that it has let go', async () => {
		const mailbox = new Mailbox<string, string, number>(1_000);
		const load = (() => {
			const load = {};
			mailbox.put('handler', load, 'sender', 1);
			put(mailbox, 2);
			mailbox.take();
			mailbox.letGo();
			return new WeakRef(load);
		})();
		await collected(load);
		expect(mailbox.length).to.equal(1);
	});
});
