/** Names of topics, and which of them a pattern means: tokens with dots between, as NATS has them. */

import { checkId } from '../../runtime/core/address.ts';
import { BadOption } from '../../supervisor/bad-option.ts';

/** `ERR_BAD_ID` or `ERR_BAD_OPTION` for what is no name, or no pattern. */
export function checkName(name: string, option = 'topic'): string {
	const tokens = checkId(name).split('.');
	const last = tokens.length - 1;
	if (tokens.every((token, n) => token !== '' && (token !== '>' || n === last))) return name;
	throw new BadOption(option, name, "tokens with dots between, where '*' stands for any one and '>' for the rest");
}

/** Whether values can be published to it: a pattern is for subscribers. */
export function isPattern(name: string): boolean {
	return name.split('.').some((token) => token === '*' || token === '>');
}

/** Whether a pattern means a subject: token by token, `*` any one, `>` one or more; and what is below what it means. */
export function matches(pattern: string, subject: string): boolean {
	if (pattern === subject) return true;
	const [wanted, given] = [pattern.split('.'), subject.split('.')];
	for (const [n, token] of wanted.entries()) {
		if (token === '>') return given.length > n;
		if (n >= given.length || (token !== '*' && token !== given[n])) return false;
	}
	return true;
}
