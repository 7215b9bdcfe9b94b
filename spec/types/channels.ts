/** What the compiler makes of channels and choices between them. */

import { type Channel, select } from '../../index.ts';

declare const numbers: Channel<number>;
declare const words: Channel<string>;

async function right(): Promise<void> {
	await numbers.send(1, { timeout: '1s' });
	const number: number | undefined = await numbers.receive();
	for await (const word of words) word.toUpperCase();
	const chosen = await select([numbers.receive(), words.send('x'), undefined], { timeout: 0 });
	if (chosen.index === 0) chosen.value?.toFixed();
	if (chosen.index === 1) chosen.value satisfies void;
	if (chosen.index === -1) chosen.value satisfies undefined;
	number?.toFixed();
}

async function wrong(): Promise<void> {
	// @ts-expect-error not what the channel takes
	await numbers.send('1');
	// @ts-expect-error may have ended
	(await numbers.receive()).toFixed();
	// @ts-expect-error not an operation
	await select([1]);
	const chosen = await select([numbers.receive(), words.receive()]);
	// @ts-expect-error not a string in that place
	if (chosen.index === 0) chosen.value?.toUpperCase();
	// @ts-expect-error no such place
	if (chosen.index === 2) return;
}

void right;
void wrong;
