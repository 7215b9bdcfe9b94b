/**
 * The wall clock of a node is set by an hour, forward, back, and while the node is frozen; and a node sleeps as a suspended
 * machine does, whose monotonic clock does not tell it: nobody takes over too early, and nobody acts too long.
 */

import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from 'nats';
import { DIARY, readDiary } from '../node/diary.ts';
import { type Play, type Scenario, shown } from '../scenario.ts';
import { FakeClock, fakeTimeLibrary } from '../stage/fake-clock.ts';
import { StandingClock } from '../stage/standing-clock.ts';
import { now, pause } from '../stage/time.ts';
import { Traffic } from '../stage/traffic.ts';

const HOUR = 3_600;
const LEASE = 10_000;
const RATE = 200;
/** Before, and after: longer than a lease. In ms. */
const [CALM, AFTER] = [2_000, 15_000];
/** Frozen for longer than a lease, so that another takes over. */
const FROZEN = 20_000;
/** Asleep for less than that, so that nobody does. */
const NAP = 6_000;

/** The clock is set while the node works. */
export function set(play: Play, library: string, seconds: number): Promise<void> {
	const title = `a node's clock is set ${seconds > 0 ? 'forward' : 'back'} by an hour`;
	return play.scene(title, async (scene) => {
		const { url } = await scene.server();
		const clock = scene.keep(new FakeClock(library));
		const [sender, rival] = await scene.nodes(['sender', 'rival'], url);
		if (!sender || !rival) throw new Error('no nodes');
		const holder = await scene.node('holder', url, clock.env);
		const traffic = await Traffic.begin({ from: [sender], to: [holder], rate: RATE, receivers: 1 });
		await pause(CALM);
		const before = await holder.order('wall');
		clock.set(seconds);
		const { won } = await rival.order('claim', 'holder-0', AFTER);
		const moved = Math.round((await holder.order('wall')) - before);
		const { from, to } = await traffic.silence();
		const reckoning = await traffic.end();
		play.invariant(`${title}: it is`, Math.abs(moved / 1_000 - seconds) < 60, true);
		play.invariant(`${title}: somebody takes over though the node lives`, won, false);
		play.invariant(`${title}: the node stays who it is`, (await holder.order('self')).id, holder.id);
		play.complete(title, reckoning);
		return { ...shown(reckoning), 'taken over': won ? 'yes' : 'no', 'longest silence (ms)': Math.round(to - from) };
	});
}

/** The clock is set while the node is frozen and another takes over. */
export function suspend(play: Play, library: string, seconds: number): Promise<void> {
	const title = `frozen for ${FROZEN / 1_000} s, wakes with a clock ${seconds > 0 ? 'ahead' : 'behind'} by an hour`;
	return play.scene(title, async (scene) => {
		const { url } = await scene.server();
		const clock = scene.keep(new FakeClock(library));
		const [sender, rival] = await scene.nodes(['sender', 'rival'], url);
		if (!sender || !rival) throw new Error('no nodes');
		const holder = await scene.node('holder', url, clock.env);
		const traffic = await Traffic.begin({ from: [sender], to: [holder, rival], rate: RATE, receivers: 1 });
		await pause(CALM);
		const frozen = now();
		holder.pause();
		const claim = await rival.order('claim', 'holder-0', FROZEN);
		clock.set(seconds);
		await pause(FROZEN - (now() - frozen));
		holder.resume();
		await pause(AFTER);
		const reckoning = await traffic.end();
		play.accounted(title, reckoning);
		const acted = (await holder.lastHandled('holder-0')) > claim.at;
		play.invariant(`${title}: the holder acts after it has lost the ID`, acted, false);
		play.invariant(`${title}: the ID is claimed while its holder is frozen`, claim.won, true);
		play.invariant(`${title}: the holder comes back`, (await holder.order('self')).id !== holder.id, true);
		return { ...shown(reckoning), 'taken over': claim.won ? `after ${Math.round(claim.at - frozen)} ms` : 'no' };
	});
}

/**
 * Whatever a server has kept for longer than a node's record may live expires, as when its clock is set forward. The server
 * takes its time from no library that could be replaced, so its store is emptied of what would expire.
 */
export function expiry(play: Play): Promise<void> {
	const title = 'the records of all nodes expire on the server';
	return play.scene(title, async (scene) => {
		const { url } = await scene.server();
		const [sender, holder, rival] = await scene.nodes(['sender', 'holder', 'rival'], url);
		if (!sender || !holder || !rival) throw new Error('no nodes');
		const traffic = await Traffic.begin({ from: [sender], to: [holder], rate: RATE, receivers: 1 });
		await pause(CALM);
		const connection = await connect({ servers: url });
		const manager = await jetstreamManager(connection);
		const { purged } = await manager.streams.purge(`KV_troupe_${scene.system}_nodes`);
		await connection.close();
		const { won } = await rival.order('claim', 'holder-0', AFTER);
		const { from, to } = await traffic.silence();
		const reckoning = await traffic.end();
		play.invariant(`${title}: there were some`, purged >= 3, true);
		play.invariant(`${title}: somebody takes over though the node lives`, won, false);
		play.invariant(`${title}: the node stays who it is`, (await holder.order('self')).id, holder.id);
		play.invariant(`${title}: nodes declared dead`, await traffic.downs(), 0);
		play.complete(title, reckoning);
		return { ...shown(reckoning), 'taken over': won ? 'yes' : 'no', 'longest silence (ms)': Math.round(to - from) };
	});
}

/** A node sleeps: when it wakes, its wall clock has gone on, and its monotonic clock and its timers have not. */
export async function sleep(play: Play, length: number): Promise<void> {
	const title = `suspended for ${length / 1_000} s`;
	const clock = StandingClock.make();
	if (!clock) return play.leaveOut(`${title}: there is no C compiler (cc)`);
	await play.scene(title, async (scene) => {
		scene.keep(clock);
		const { url } = await scene.server();
		const [sender, rival] = await scene.nodes(['sender', 'rival'], url);
		if (!sender || !rival) throw new Error('no nodes');
		const diary = clock.beside('diary');
		const holder = await scene.node('holder', url, { ...clock.env, [DIARY]: diary });
		const traffic = await Traffic.begin({ from: [sender], to: [holder, rival], rate: RATE, receivers: 1 });
		await pause(CALM);
		const [wall, monotonic] = [await holder.order('wall'), await holder.order('monotonic')];
		holder.pause();
		const frozen = now();
		const claim = await rival.order('claim', 'holder-0', length - 1_000);
		await pause(frozen + length - now());
		const before = readDiary(diary).length;
		clock.stoodStill(now() - frozen);
		holder.resume();
		await pause(AFTER);
		const passed = now() - frozen;
		const awake = [(await holder.order('wall')) - wall, (await holder.order('monotonic')) - monotonic];
		const agrees = [passed, passed - length].map((due, at) => Math.abs((awake[at] ?? 0) - due) < 1_000);
		const reckoning = await traffic.end();
		const acted = readDiary(diary).filter(({ actor }, at) => at >= before && actor === 'holder-0').length;
		const evicted = length > LEASE;
		play.invariant(`${title}: its wall clock has gone on, and its monotonic clock has not`, agrees.join(), 'true,true');
		play.invariant(`${title}: another takes over meanwhile`, claim.won, evicted);
		play.invariant(`${title}: it comes back as another`, (await holder.order('self')).id !== holder.id, evicted);
		if (evicted) play.invariant(`${title}: handled by the holder after it has lost the ID`, acted, 0);
		if (evicted) play.accounted(title, reckoning);
		else play.complete(title, reckoning);
		return { ...shown(reckoning), 'taken over': claim.won ? `after ${Math.round(claim.at - frozen)} ms` : 'no' };
	});
}

export const clockScenario: Scenario = {
	name: 'clock',
	what: "a node's wall clock is set by an hour, awake and frozen; a node sleeps as a suspended machine does",
	async run(play) {
		await expiry(play);
		for (const length of [NAP, FROZEN]) await sleep(play, length);
		const library = fakeTimeLibrary();
		if (library === undefined)
			return play.leaveOut('libfaketime is not installed (apt install libfaketime, or FAKETIME_LIB)');
		for (const seconds of [HOUR, -HOUR]) await set(play, library, seconds);
		for (const seconds of [HOUR, -HOUR]) await suspend(play, library, seconds);
	},
};
