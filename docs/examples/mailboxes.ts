// #region mailboxes
import { Actor, ActorSystem, bounded, priority } from '../../index.ts';

class Printer extends Actor {
	static readonly kind = 'printer';
	static readonly mailbox = bounded({ capacity: 2 }); // overflow: 'reject'
	readonly #pages: string[] = [];

	async print(page: string) {
		await new Promise((resolve) => setTimeout(resolve, 5));
		this.#pages.push(page);
	}

	pages() {
		return this.#pages;
	}
}

const system = await ActorSystem.start();
system.events.on('deadLetter', ({ reason, message }) => console.log(reason, message?.args));

const printer = await system.spawn(Printer);
for (const page of ['a', 'b', 'c']) printer.tell.print(page); // the third finds the mailbox full
await printer.send.print('d'); // waits for room instead
await printer.send.print('e');
console.log(await printer.send.pages().then(() => 'in the mailbox'));

const newest = await system.spawn(Printer, { mailbox: bounded({ capacity: 2, overflow: 'drop-oldest' }) });
for (const page of ['a', 'b', 'c']) newest.tell.print(page); // the first makes room

const urgent = await system.spawn(Printer, { mailbox: priority(({ args }) => (args[0] === 'fire!' ? 1 : 0)) });
for (const page of ['a', 'b', 'fire!']) urgent.tell.print(page);
console.log(await urgent.ask.pages());
await system.stop();
// #endregion

/* prints
mailbox-full [ 'c' ]
in the mailbox
dropped-oldest [ 'a' ]
[ 'fire!', 'a', 'b' ]
*/
