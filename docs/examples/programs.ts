// #region programs
import { ActorSystem } from '../../index.ts';

const join = (node: string, allowPrograms: readonly string[]) =>
	ActorSystem.start({ name: 'mill', servers: 'memory://mill', node, allowPrograms });
const [front, mill] = [await join('front', []), await join('mill', ['sort'])];

const sort = await front.run('sort', ['-r'], { on: 'node:mill' });
for (const word of ['ape', 'cat', 'bee']) await sort.stdin.send(`${word}\n`);
await sort.stdin.close(); // the end of its input

for await (const piece of sort.stdout) process.stdout.write(piece); // it waits while nobody takes what it writes
console.log(await sort.wait());

console.log(await front.run('rm', ['-rf', '/'], { on: 'node:mill' }).catch(({ message }) => message));
await Promise.all([front, mill].map((system) => system.stop()));
// #endregion

/* prints
cat
bee
ape
{ code: 0, signal: null }
'rm' cannot be run: node mill does not allow 'rm': start it with allowPrograms: ['rm']
*/
