// #region groups
import { Actor, ActorSystem } from '../../index.ts';

class Clerk extends Actor<{ rate: number }> {
	static readonly kind = 'clerk';

	protected override async onStart() {
		await this.system.group(Clerk, 'clerks').join(this.self); // until it leaves or ends
	}

	quote(weight: number) {
		return weight * this.args.rate;
	}
}

const join = (node: string) => ActorSystem.start({ name: 'post', servers: 'memory://post', node });
const [east, west] = [await join('east'), await join('west')];
await east.spawn(Clerk, { args: { rate: 2 } });
await west.spawn(Clerk, { args: { rate: 3 } });

const clerks = west.group(Clerk, 'clerks'); // round-robin, unless { route } says otherwise
await clerks.atLeast(2);
console.log([await clerks.ask.quote(10), await clerks.ask.quote(10)].sort());
console.log([...(await clerks.scatter({ gather: 'all', timeout: '1s' }).quote(1))].sort());

const nobody = west.group(Clerk, 'pensioners');
console.log(await nobody.ask.quote(1).catch(({ code }) => code));
await Promise.all([east, west].map((system) => system.stop()));
// #endregion

/* prints
[ 20, 30 ]
[ 2, 3 ]
ERR_NO_MEMBER
*/
