/** Big with nact. */

import { dispatch, type Ref, spawn } from 'nact';
import { PINGERS, PINGS, type Pongs, big as problem } from '../problems/big.ts';
import { Random } from '../random.ts';
import { driverOf, type Stage } from './driver.ts';

type ToPinger =
	| { readonly type: 'meet'; readonly neighbours: readonly Ref<ToPinger>[] }
	| { readonly type: 'start' }
	| { readonly type: 'ping'; readonly from: number }
	| { readonly type: 'pong'; readonly from: number };

function spawnPinger(stage: Stage, number: number, sink: Ref<Pongs>): Ref<ToPinger> {
	const random = new Random(number);
	let neighbours: readonly Ref<ToPinger>[] = [];
	let target = -1;
	let pongs = 0;
	let strays = 0;
	const neighbour = (other: number): Ref<ToPinger> => neighbours[other] as Ref<ToPinger>;
	function start(): void {
		target = random.below(PINGERS);
		dispatch(neighbour(target), { type: 'ping', from: number });
	}
	return spawn(stage, (_: undefined, message: ToPinger): void => {
		switch (message.type) {
			case 'meet':
				neighbours = message.neighbours;
				return;
			case 'start':
				return start();
			case 'ping':
				return dispatch(neighbour(message.from), { type: 'pong', from: number });
			case 'pong':
				if (message.from !== target) strays++;
				if (++pongs < PINGS) start();
				else dispatch(sink, { pongs, strays });
		}
	});
}

export const big = driverOf<Pongs>(problem, (stage, settle) => {
	const sum = { pongs: 0, strays: 0 };
	let left = PINGERS;
	const sink = spawn(stage, (_: undefined, { pongs, strays }: Pongs) => {
		sum.pongs += pongs;
		sum.strays += strays;
		if (--left === 0) settle(sum);
	});
	const neighbours = Array.from({ length: PINGERS }, (_, number) => spawnPinger(stage, number, sink));
	return () => {
		for (const pinger of neighbours) dispatch(pinger, { type: 'meet', neighbours });
		for (const pinger of neighbours) dispatch(pinger, { type: 'start' });
	};
});
