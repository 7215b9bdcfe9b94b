import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { OwnLease } from '../../../runtime/cluster/own-lease.ts';
import { VirtualClock } from '../../../runtime/core/clock.ts';
import { LEASE, SUSPEND_AFTER } from '../../../runtime/core/config.ts';
import type { Cell } from '../../../runtime/kernel/cell.ts';

const PERIOD = SUSPEND_AFTER / 4;

describe('the fence of a node', () => {
	let clock: VirtualClock;
	let fence: OwnLease;
	let found: number;

	/** Time passes, and the server answers each question at once. */
	function live(milliseconds: number): void {
		for (let ms = 0; ms < milliseconds; ms += PERIOD) {
			clock.jump(PERIOD);
			fence.answered(fence.instant());
		}
	}

	beforeEach(() => {
		clock = new VirtualClock();
		found = 0;
		fence = new OwnLease(clock, LEASE, () => found++);
		fence.renewed(fence.instant());
	});

	it('is down until the first renewal', () => {
		expect(new OwnLease(clock, LEASE, () => {}).holds()).to.equal(false);
		expect(fence.holds()).to.equal(true);
	});

	it('stays up as long as the server answers, and nine tenths of the lease from the start of the last renewal', () => {
		const started = fence.instant();
		live(2 * PERIOD);
		fence.renewed(started);
		live(LEASE * 0.9 - 3 * PERIOD);
		expect(fence.holds()).to.equal(true);
		live(PERIOD);
		expect([fence.holds(), fence.stillHolds(), fence.lapsed]).to.deep.equal([false, false, true]);
		fence.renewed(fence.instant());
		expect(fence.holds()).to.equal(true);
	});

	it('comes down D after the server was asked what it answered last, although nobody has noticed anything', () => {
		live(SUSPEND_AFTER);
		const asked = fence.instant();
		clock.jump(600);
		fence.answered(asked);
		clock.jump(399);
		expect(fence.holds()).to.equal(true);
		clock.jump(1);
		expect([fence.holds(), fence.stillHolds()]).to.deep.equal([false, false]);
	});

	it('goes up again without a renewal when the server answers over the same connection', () => {
		const early = fence.instant();
		clock.jump(5_000);
		const asked = fence.instant();
		fence.answered(early);
		expect(fence.holds(), 'by an answer that is too old').to.equal(false);
		expect(fence.lapsed).to.equal(false);
		fence.answered(asked);
		expect(fence.holds()).to.equal(true);
	});

	it('stays up through a reconnect that takes less than D', () => {
		fence.disconnected();
		clock.jump(SUSPEND_AFTER - 1);
		fence.answered(fence.instant());
		live(3_000);
		expect(fence.holds()).to.equal(true);
	});

	it('is not raised by the server when it has come down without a connection: that takes a renewal', () => {
		fence.disconnected();
		clock.jump(SUSPEND_AFTER);
		expect(fence.lapsed).to.equal(true);
		live(3_000);
		expect([fence.holds(), fence.lapsed]).to.deep.equal([false, true]);
		fence.renewed(fence.instant());
		expect([fence.holds(), fence.lapsed]).to.deep.equal([true, false]);
		live(3_000);
		expect(fence.holds()).to.equal(true);
	});

	it('is not raised by an answer of the new connection that came too late for it', () => {
		fence.disconnected();
		clock.jump(SUSPEND_AFTER - 1);
		const asked = fence.instant();
		clock.jump(2);
		fence.answered(asked);
		expect([fence.holds(), fence.lapsed]).to.deep.equal([false, true]);
	});

	it('takes no answer over a connection that is lost', () => {
		const asked = fence.instant();
		clock.jump(PERIOD);
		fence.disconnected();
		fence.answered(asked);
		clock.jump(SUSPEND_AFTER - PERIOD);
		expect(fence.holds()).to.equal(false);
	});

	it('comes down by the wall clock, too, as when a machine was suspended, and goes up with the next answer', () => {
		clock.skew(SUSPEND_AFTER);
		expect([fence.holds(), fence.stillHolds(), fence.lapsed]).to.deep.equal([false, false, false]);
		fence.answered(fence.instant());
		expect([fence.holds(), fence.stillHolds()]).to.deep.equal([true, true]);
	});

	it('comes down by the monotonic clock when the wall clock is set back', () => {
		clock.skew(-3_600_000);
		clock.jump(SUSPEND_AFTER);
		expect(fence.holds()).to.equal(false);
		fence.answered(fence.instant());
		clock.skew(-3_600_000);
		clock.jump(SUSPEND_AFTER);
		expect(fence.holds()).to.equal(false);
	});

	it('stays down when the node has been evicted or has left', () => {
		fence.end();
		fence.answered(fence.instant());
		fence.renewed(fence.instant());
		expect(fence.holds()).to.equal(false);
	});

	it('wakes all who wait, another one first each time: one handler may take all the time there is', () => {
		const woken: string[] = [];
		const parked = ['a', 'b', 'c'];
		const kernel = { dispatcher: { ahead: (schedule: () => void) => schedule() } };
		const cells = new Map(parked.map((id) => [id, { kernel, wake: () => woken.push(id) } as unknown as Cell]));
		const firsts: string[] = [];
		for (let round = 0; round < 4; round++) {
			clock.jump(SUSPEND_AFTER);
			for (const id of parked) fence.park(cells.get(id) as Cell);
			woken.length = 0;
			fence.answered(fence.instant());
			// Whoever is woken first takes all the time, and is the first to find the fence down.
			parked.splice(0, parked.length, ...woken);
			firsts.push(woken[0] as string);
		}
		expect(found).to.equal(12);
		expect(parked).to.have.members(['a', 'b', 'c']);
		expect(firsts).to.deep.equal(['a', 'b', 'c', 'a']);
	});
});
