/** A pipeline in words, and as a picture in the notation of Mermaid. */

import type { Plan, Stage } from './plan.ts';

/** The description of a plan. */
export function describe(name: string, plan: Plan, form?: 'text' | 'mermaid'): string {
	const text = [`pipeline '${name}'`, ...lines(plan, '  ')].join('\n');
	if (form === 'text') return text;
	const picture = mermaid(plan);
	return form === 'mermaid' ? picture : `${text}\n\n${picture}`;
}

function lines({ source, stages }: Plan, indent: string): string[] {
	return [
		...(source === undefined ? [] : [`${indent}source`]),
		...stages.flatMap((stage) => {
			const inner = stage.type === 'shape' ? stage.others : stage.type === 'fork' ? stage.branches : [];
			const more = inner.flatMap((plan, n) => [
				`${indent}  ${stage.type === 'fork' ? 'branch' : 'with'} ${n + 1}`,
				...lines(plan, `${indent}    `),
			]);
			return [`${indent}→ ${titleOf(stage)}`, ...more];
		}),
	];
}

function titleOf(stage: Stage): string {
	if (stage.type !== 'work') return stage.name;
	const { name, operations, workers, apart, on, grouping, ordered } = stage;
	const parts = [
		operations.length > 1 ? operations.map(({ kind }) => kind).join(', ') : '',
		apart ? `workers ${workers.min === workers.max ? workers.min : `${workers.min} to ${workers.max}`}` : '',
		on ? `on ${on}` : '',
		grouping ? `by ${grouping.kind === 'fields' ? 'key' : grouping.kind}` : '',
		ordered || !apart ? '' : 'unordered',
	].filter((part) => part !== '');
	return parts.length > 0 ? `${name} (${parts.join('; ')})` : name;
}

function mermaid(plan: Plan): string {
	const out = ['flowchart LR'];
	let count = 0;
	const node = (title: string): string => {
		const id = `s${++count}`;
		out.push(`  ${id}["${title.replaceAll('"', "'")}"]`);
		return id;
	};
	const draw = ({ source, stages }: Plan, from: string | undefined): string | undefined => {
		let last = source === undefined ? from : node('source');
		for (const stage of stages) {
			const id = node(titleOf(stage));
			if (last !== undefined) out.push(`  ${last} --> ${id}`);
			if (stage.type === 'shape') {
				for (const other of stage.others) out.push(`  ${draw(other, undefined)} --> ${id}`);
			} else if (stage.type === 'fork') for (const branch of stage.branches) draw(branch, id);
			last = id;
		}
		return last;
	};
	draw(plan, undefined);
	return out.join('\n');
}
