/** Figures as people read them. */

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const DECIMAL = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `12,345` */
export function count(value: number): string {
	return NUMBER.format(value);
}

/** `12.3 MB`, in millions of bytes. */
export function megabytes(bytes: number): string {
	return `${DECIMAL.format(bytes / 1_000_000)} MB`;
}

/** `12.3 s`, from milliseconds. */
export function seconds(milliseconds: number): string {
	return `${DECIMAL.format(milliseconds / 1_000)} s`;
}

/** `42 %`; of nothing, everything is done. */
export function percent(part: number, whole: number): string {
	return `${String(Math.floor(shareOf(part, whole) * 100)).padStart(3)} %`;
}

/** `███████░░░` */
export function bar(part: number, whole: number, width = 40): string {
	const full = Math.round(shareOf(part, whole) * width);
	return '█'.repeat(full) + '░'.repeat(width - full);
}

/** Between 0 and 1. A file may have grown since it was listed. */
export function shareOf(part: number, whole: number): number {
	return whole === 0 ? 1 : Math.min(1, part / whole);
}
