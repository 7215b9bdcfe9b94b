/** Messages against their schemas, at the mailbox's door. */

import { messageOf, TroupeError } from '../core/errors.ts';
import type { Handler } from './handler.ts';
import { promiseOf } from './thenable.ts';

/** The arguments as the schemas return them, or the `ERR_INVALID_MESSAGE` that says which argument failed and how. */
export function validate(handler: Handler, args: readonly unknown[], actor: string): readonly unknown[] | TroupeError {
	const schemas = handler.schemas ?? [];
	const refuse = (why: string): TroupeError =>
		new TroupeError('ERR_INVALID_MESSAGE', `message '${handler.name}' to ${actor} is not valid: ${why}`, { actor });
	if (args.length > schemas.length)
		return refuse(`it has ${args.length} arguments, its schemas allow ${schemas.length}`);
	const checked: unknown[] = [];
	for (const [index, schema] of schemas.entries()) {
		try {
			const result = schema['~standard'].validate(args[index]);
			const promise = promiseOf(result);
			if (promise) {
				// Nobody waits for what comes of it; should it fail, that is no fault of the process.
				promise.catch(() => {});
				return refuse('its schema is asynchronous; check what needs I/O in the handler instead');
			}
			const outcome = result as Exclude<typeof result, Promise<unknown>>;
			if (outcome.issues) return refuse(`argument ${index + 1}: ${outcome.issues.map(describe).join('; ')}`);
			if (!('value' in outcome)) return refuse(`argument ${index + 1}: the schema returned neither a value nor issues`);
			checked.push(outcome.value);
		} catch (error) {
			return refuse(`argument ${index + 1}: the schema itself failed: ${messageOf(error)}`);
		}
	}
	return checked;
}

interface Issue {
	readonly message: string;
	readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

function describe({ message, path }: Issue): string {
	const keys = (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step));
	return keys.length > 0 ? `${keys.join('.')}: ${message}` : message;
}
