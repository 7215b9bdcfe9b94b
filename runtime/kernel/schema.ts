/** Messages against their schemas, at the mailbox's door. */

import { TroupeError } from '../core/errors.ts';
import type { Handler } from './handler.ts';

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
			if (result instanceof Promise)
				return refuse('its schema is asynchronous; check what needs I/O in the handler instead');
			if (result.issues) return refuse(`argument ${index + 1}: ${result.issues.map(describe).join('; ')}`);
			checked.push(result.value);
		} catch (error) {
			return refuse(`argument ${index + 1}: the schema itself failed: ${String(error)}`);
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
