/** Big with XState. */

import { PINGERS, PINGS, type Pongs, big as problem } from '../problems/big.ts';
import { Random } from '../random.ts';
import { startCallback, type Target } from './cast.ts';
import { driverOf } from './driver.ts';

type ToPinger =
	| { readonly type: 'meet'; readonly neighbours: readonly Target<ToPinger>[] }
	| { readonly type: 'start' }
	| { readonly type: 'ping'; readonly from: number }
	| { readonly type: 'pong'; readonly from: number };

interface Done extends Pongs {
	readonly type: 'done';
}

function startPinger(number: number, sink: Target<Done>): Target<ToPinger> {
	const random = new Random(number);
	let neighbours: readonly Target<ToPinger>[] = [];
	let target = -1;
	let pongs = 0;
	let strays = 0;
	const neighbour = (other: number): Target<ToPinger> => neighbours[other] as Target<ToPinger>;
	function start(): void {
		target = random.below(PINGERS);
		neighbour(target).send({ type: 'ping', from: number });
	}
	return startCallback<ToPinger>((message) => {
		switch (message.type) {
			case 'meet':
				neighbours = message.neighbours;
				return;
			case 'start':
				return start();
			case 'ping':
				return neighbour(message.from).send({ type: 'pong', from: number });
			case 'pong':
				if (message.from !== target) strays++;
				if (++pongs < PINGS) start();
				else sink.send({ type: 'done', pongs, strays });
		}
	});
}

export const big = driverOf<Pongs>(problem, (settle) => {
	const sum = { pongs: 0, strays: 0 };
	let left = PINGERS;
	const sink = startCallback<Done>(({ pongs, strays }) => {
		sum.pongs += pongs;
		sum.strays += strays;
		if (--left === 0) settle(sum);
	});
	const neighbours = Array.from({ length: PINGERS }, (_, number) => startPinger(number, sink));
	return () => {
		for (const pinger of neighbours) pinger.send({ type: 'meet', neighbours });
		for (const pinger of neighbours) pinger.send({ type: 'start' });
	};
});
