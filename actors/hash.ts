/** 32 bits of a text, well mixed, and the same on every node: FNV-1a with the last steps of MurmurHash3. */
export function hash(text: string): number {
	let value = 0x811c9dc5;
	for (let n = 0; n < text.length; n++) value = Math.imul(value ^ text.charCodeAt(n), 0x01000193);
	value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
	value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
	return (value ^ (value >>> 16)) >>> 0;
}
