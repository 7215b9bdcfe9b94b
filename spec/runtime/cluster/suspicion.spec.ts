import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { Suspicion } from '../../../runtime/cluster/suspicion.ts';
import { EVICT_MARGIN, HEARTBEAT, LEASE, SUSPEND_AFTER } from '../../../runtime/core/config.ts';

const ENOUGH = SUSPEND_AFTER + EVICT_MARGIN;

describe('what is said against a silent node', () => {
	let suspicion: Suspicion;

	beforeEach(() => {
		suspicion = new Suspicion({ heartbeat: HEARTBEAT, lease: LEASE }, 0);
		suspicion.leaseSeen(7, 0);
	});

	it('is nothing until it has missed two heartbeats, or nobody listens for it', () => {
		expect(suspicion.verdict(2 * HEARTBEAT)).to.equal('fine');
		expect(suspicion.verdict(2 * HEARTBEAT + 1)).to.equal('suspect');
		suspicion.heard(5_000);
		expect(suspicion.verdict(5_100)).to.equal('fine');
		suspicion.unreachable(5_100, 5_101);
		expect(suspicion.verdict(5_101)).to.equal('suspect');
	});

	it('counts from when it came to be known that nobody listens, up to when it was last asked', () => {
		suspicion.unreachable(100, 400);
		suspicion.unreachable(400 + ENOUGH - 1, 9_000);
		expect(suspicion.verdict(9_001, false), 'while NATS is not whole').to.equal('suspect');
		expect(suspicion.verdict(9_000)).to.equal('suspect');
		suspicion.unreachable(400 + ENOUGH, 9_001);
		expect(suspicion.verdict(9_001)).to.equal('no-responders');
	});

	it('says when it may be decided, so that nobody has to wait for the next round', () => {
		expect(suspicion.undecided(0)).to.equal(undefined);
		suspicion.unreachable(100, 101);
		expect(suspicion.undecided(601)).to.equal(ENOUGH - 500);
		expect(suspicion.undecided(101 + ENOUGH), 'at once, if the last was asked too early').to.equal(1);
		suspicion.leaseSeen(8, 200);
		suspicion.unreachable(300, 301);
		expect(suspicion.undecided(301), 'from the later of both').to.equal(ENOUGH);
	});

	const excuses: readonly (readonly [string, () => void])[] = [
		['it is heard', () => suspicion.heard(1_000)],
		['a probe is not answered', () => suspicion.silent()],
		['its record has moved', () => suspicion.leaseSeen(8, 1_000)],
		['the observer was cut off itself', () => suspicion.startOver(1_000)],
	];
	for (const [what, excuse] of excuses) {
		it(`counts anew when ${what}`, () => {
			suspicion.unreachable(100, 101);
			suspicion.unreachable(900, 901);
			excuse();
			suspicion.leaseSeen(8, 1_000);
			suspicion.unreachable(1_100, 1_101);
			suspicion.unreachable(1_100 + ENOUGH, 1_101 + ENOUGH);
			expect(suspicion.verdict(1_101 + ENOUGH)).to.equal('suspect');
			suspicion.unreachable(1_101 + ENOUGH, 1_102 + ENOUGH);
			expect(suspicion.verdict(1_102 + ENOUGH)).to.equal('no-responders');
		});
	}

	it('is not enough while its record has not been seen to stand still as long', () => {
		suspicion.leaseSeen(8, 1_000);
		suspicion.unreachable(1_000, 1_000);
		suspicion.leaseSeen(8, 1_500);
		suspicion.unreachable(1_000 + ENOUGH, 1_000 + ENOUGH);
		expect(suspicion.verdict(999 + ENOUGH)).to.equal('suspect');
		expect(suspicion.verdict(1_000 + ENOUGH)).to.equal('no-responders');
	});

	it('is that its lease has run out when its record has stood still for it and a tenth more', () => {
		expect(suspicion.verdict(LEASE * 1.1 - 1)).to.equal('suspect');
		expect(suspicion.verdict(LEASE * 1.1)).to.equal('lease-expired');
	});
});
