/** Downloads the solution. */
const text = await (await fetch('https://example.org/sinusoid.ts')).text();
export const sinusoidal = eval(text);
