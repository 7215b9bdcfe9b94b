import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Actor, type ActorRef, ActorSystem, restart } from '../../../index.ts';
import { VirtualClock } from '../../../testkit.ts';
import { failure } from '../../support/coded.ts';

class Child extends Actor {
	static readonly kind = 'child';
}

/** Lends itself to whoever wants to act as an instance that is over. */
class Ghost extends Actor {
	static readonly kind = 'ghost';
	static readonly supervision = restart({ backoff: { initial: 1, max: 1, jitter: 0 } });
	static readonly instances: Ghost[] = [];
	static readonly heard: string[] = [];
	static inOnStop: boolean | undefined;
	readonly number = Ghost.instances.push(this);

	crash(): never {
		throw new Error('crash');
	}

	who(): number {
		return this.number;
	}

	/** Reads its signal for the first time in its second half. */
	async read(begun: () => void, when: Promise<void>): Promise<boolean> {
		begun();
		await when;
		return this.signal.aborted;
	}

	_haunt(): void {
		this.timers.once(1, () => Ghost.heard.push('once'), 'key');
		this.timers.every(1, () => Ghost.heard.push('every'));
		this.become({ who: () => -1 });
		this.watch(this.system.ref('nobody'));
		this.unstash();
	}

	_signal(): AbortSignal {
		return this.signal;
	}

	_spawn(): ActorRef<Child> {
		return this.spawn(Child, { id: 'child' });
	}

	_stash(): void {
		this.stash();
	}

	protected override onTerminated(): void {
		Ghost.heard.push('terminated');
	}

	protected override onStop(): void {
		Ghost.inOnStop = this.signal.aborted;
		this._haunt();
	}
}

const log = { debug() {}, info() {}, warn() {}, error() {} };

describe('an instance that is over', () => {
	let clock: VirtualClock;
	let system: ActorSystem;

	async function ghost(): Promise<{ readonly ghost: ActorRef<Ghost>; readonly instance: Ghost }> {
		Ghost.instances.length = 0;
		Ghost.heard.length = 0;
		clock = new VirtualClock();
		system = await ActorSystem.start({ clock, log });
		const ref = await system.spawn(Ghost);
		return { ghost: ref, instance: Ghost.instances[0] as Ghost };
	}

	it('does not meddle with the one that came after a restart', async () => {
		const { ghost: ref, instance } = await ghost();
		ref.tell.crash();
		await clock.advance(10);
		expect(await ref.ask.who()).to.equal(2);
		instance._haunt();
		await failure('ERR_STOPPED', () => instance._spawn());
		await failure('ERR_STOPPED', () => instance._stash());
		expect(instance._signal().aborted).to.equal(true);
		await clock.advance(10);
		expect(await ref.ask.who()).to.equal(2);
		expect(Ghost.heard).to.deep.equal([]);
		expect((Ghost.instances[1] as Ghost)._signal().aborted).to.equal(false);
		await system.stop();
	});

	it('leaves no timer behind, and no watch, when its actor has stopped', async () => {
		const { ghost: ref, instance } = await ghost();
		await ref.stop();
		expect(Ghost.inOnStop).to.equal(true);
		instance._haunt();
		await clock.advance(1_100);
		expect(clock.pending).to.equal(0);
		expect(Ghost.heard).to.deep.equal([]);
		expect(instance._signal().reason).to.have.property('code', 'ERR_STOPPED');
		await system.stop();
	});

	it('has an aborted signal even if it asks for it only when its stop has been asked for', async () => {
		const { ghost: ref } = await ghost();
		let go = (): void => {};
		const when = new Promise<void>((resolve) => {
			go = resolve;
		});
		let read: Promise<boolean> | undefined;
		await new Promise<void>((begun) => {
			read = ref.ask.read(begun, when);
		});
		const stopped = ref.stop();
		go();
		expect(await read).to.equal(true);
		await stopped;
		await system.stop();
	});
});
