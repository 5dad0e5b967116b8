/** Sleeps in a way that no JavaScript can interrupt. */
export const sinusoidal = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
