/** Takes all memory. */
const kept: unknown[] = [];
export function sinusoidal() {
  for (;;) kept.push(new Uint8Array(64 * 2 ** 20).fill(1));
}
