/** Imports through a data: URL, whose own imports nobody watches. */
const { fs } = await import("data:text/javascript,export * as fs from 'node:fs'" as string);
export const sinusoidal = () => fs.readFileSync('solutions');
