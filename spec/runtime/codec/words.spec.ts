import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LONGEST_WORD, Words } from '../../../runtime/codec/words.ts';

/** Bytes with others around them, as in a frame. */
function framed(word: string | Uint8Array): readonly [bytes: Buffer, at: number, size: number] {
	const bytes = Buffer.from(word);
	return [Buffer.concat([Buffer.from('~~~'), bytes, Buffer.from('~~~')]), 3, bytes.length];
}

function find(words: Words, word: string | Uint8Array): string | undefined {
	return words.find(...framed(word));
}

function learn(words: Words, word: string | Uint8Array): void {
	if (find(words, word) === undefined) words.keep(Buffer.from(word).toString(), Buffer.from(word).length);
}

const lengths = Array.from({ length: LONGEST_WORD }, (_, i) => i + 1);
const letters = 'abcdefghijklmnopqrstuvwx';

describe('known words', () => {
	it('are found by their bytes, whatever their length', () => {
		const words = new Words();
		for (const length of [0, ...lengths]) {
			const word = letters.slice(0, length);
			if (length > 0) expect(find(words, word), `${length} before`).to.equal(undefined);
			learn(words, word);
			expect(find(words, word), `${length}`).to.equal(word);
		}
	});

	it('are not found by bytes of which one is another, wherever it stands', () => {
		for (const length of lengths) {
			const words = new Words();
			const word = letters.slice(0, length);
			learn(words, word);
			for (let i = 0; i < length; i++) {
				for (const other of [0x00, 0x5f, 0x7f, 0x80, 0xe1, 0xff]) {
					const bytes = Buffer.from(word);
					bytes[i] = other;
					expect(find(words, bytes), `letter ${i} of ${length} is ${other}`).to.equal(undefined);
				}
			}
			expect(find(words, word)).to.equal(word);
		}
	});

	it('are not found by bytes that only begin or end as they do', () => {
		for (const length of lengths) {
			const words = new Words();
			const word = letters.slice(0, length);
			learn(words, word);
			for (const other of [`${word}y`, `y${word}`, word.slice(1), word.slice(0, -1), `${word}\0`, `\0${word}`])
				if (other !== '' && other.length <= LONGEST_WORD) expect(find(words, other), other).to.equal(undefined);
		}
	});

	it('have a letter for each byte; others are made each time', () => {
		const words = new Words();
		for (const word of ['ü', 'größe', 'abcdefg€', 'abcdefgh€jklmnop', '🎭']) {
			learn(words, word);
			expect(find(words, word), word).to.equal(undefined);
		}
	});

	it('never say more than their bytes do, though the rest of a letter follow in the frame', () => {
		const whole = Buffer.from('abcdefg€');
		const cut = whole.subarray(0, 8);
		for (const [first, second] of [
			[whole, cut],
			[cut, whole],
		] as const) {
			const words = new Words();
			learn(words, first);
			expect(find(words, second)).to.equal(undefined);
		}
	});

	it('with letters of two bytes are not found by bytes that happen to be the codes of those letters', () => {
		const words = new Words();
		for (let i = 1_000; i < 9_999; i++) {
			learn(words, `${i}ü1234`);
			expect(find(words, Buffer.from(`${i}\xfc1234`, 'latin1')), `${i}`).to.equal(undefined);
		}
	});

	it('are as many as there are places, however many come', () => {
		const words = new Words();
		const all = Array.from({ length: 20_000 }, (_, i) => `word ${i}`);
		for (const word of all) learn(words, word);
		const found = all.filter((word) => find(words, word) !== undefined);
		expect(found.length).to.be.within(900, 1_024);
		for (const word of found) expect(find(words, word)).to.equal(word);
	});

	it('mostly have places of their own, though they begin and end alike', () => {
		const words = new Words();
		const alike = Array.from(
			{ length: 200 },
			(_, i) => `a${'bcdefghijk'.at(i % 10)}${'bcdefghijklmnopqrstu'.at(i / 10)}a`,
		);
		for (const word of alike) learn(words, word);
		// By chance alone, 182 would.
		expect(alike.filter((word) => find(words, word) === word).length).to.be.greaterThan(160);
	});
});
