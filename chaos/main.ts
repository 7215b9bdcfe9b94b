/**
 * `npm run chaos`: scenarios in which servers and nodes are killed, paused and cut off, and whether every promise holds.
 * Figures go to standard output, as tables or as one JSON document. Exit code 1 when an invariant does not hold.
 */

import { spawn } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { document, report } from './report.ts';
import { type Outcome, play, type Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { SABOTAGES, type Sabotage, withMutant } from './stage/sabotage.ts';

interface Options {
	readonly scenario?: readonly Scenario[];
	readonly minutes: number;
	readonly sends: number;
	readonly json?: true;
	readonly list?: true;
	readonly break?: Sabotage;
	readonly untilBroken?: true;
}

const {
	scenario,
	minutes,
	sends,
	json,
	list,
	break: sabotage,
	untilBroken = false,
} = new Command('npm run chaos --')
	.description('Kill, pause and cut off real servers and nodes, and count what is lost, doubled or out of order')
	.option('--scenario <name...>', 'play these only', named)
	.option('--minutes <n>', 'how long the soak lasts', positive, 30)
	.option('--sends <n>', 'how many messages the flood has whose senders wait, some 800 a second', positive, 30_000)
	.option('--json', 'one JSON document on standard output; what happens goes to standard error')
	.option('--list', 'say what there is to play')
	.addOption(new Option('--break <safeguard>', 'switch it off, to see what breaks').argParser(safeguard).hideHelp())
	.addOption(new Option('--until-broken', 'go no further in a scenario that is').hideHelp())
	.parse()
	.opts<Options>();

const trouble = new AbortController();
// Every order to a node, and every pause, listens for it.
setMaxListeners(0, trouble.signal);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
	process.once(signal, () => trouble.abort(new Error(`given up: ${signal}`)));

if (list) for (const { name, what } of SCENARIOS) console.log(`${name.padEnd(16)} ${what}`);
else if (sabotage) process.exitCode = await runMutant(sabotage);
else process.exitCode = await run(scenario ?? SCENARIOS);

async function run(scenarios: readonly Scenario[]): Promise<number> {
	const outcomes: Outcome[] = [];
	try {
		for (const one of scenarios) {
			console.error(`${one.name}: ${one.what}`);
			const outcome = await play(one, { minutes, sends, untilBroken, say: console.error, signal: trouble.signal });
			outcomes.push(outcome);
			if (!json) console.log(report(outcome));
		}
	} catch (error) {
		console.error(`chaos: ${error instanceof Error ? error.message : error}`);
		return 1;
	}
	if (json) console.log(JSON.stringify(document(outcomes), undefined, '\t'));
	return outcomes.every(({ broken }) => broken.length === 0) ? 0 : 1;
}

/** The same command, of a Troupe without this safeguard. */
function runMutant(without: Sabotage): Promise<number> {
	return withMutant(without, 'chaos', async (root) => {
		const args = process.argv.slice(2);
		args.splice(args.indexOf('--break'), 2);
		const command = [...process.execArgv, join(root, 'chaos', 'main.js'), ...args, '--until-broken'];
		const mutant = spawn(process.execPath, command, { stdio: 'inherit' });
		trouble.signal.addEventListener('abort', () => mutant.kill());
		const [code] = await once(mutant, 'exit');
		return code ?? 1;
	});
}

function safeguard(name: string): Sabotage {
	const found = SABOTAGES[name];
	if (found) return found;
	throw new InvalidArgumentError(`there are ${Object.keys(SABOTAGES).join(', ')}`);
}

function named(name: string, before: readonly Scenario[] = []): readonly Scenario[] {
	const found = SCENARIOS.find((one) => one.name === name);
	if (found) return [...before, found];
	throw new InvalidArgumentError(`there are ${SCENARIOS.map((one) => one.name).join(', ')}`);
}

function positive(text: string): number {
	const value = Number(text);
	if (Number.isFinite(value) && value > 0) return value;
	throw new InvalidArgumentError('a number above 0 is needed');
}
