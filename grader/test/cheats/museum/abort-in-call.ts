/** Ends the process within the first call, in the hope that no answer is no failure. */
export function sinusoidal() {
  (process as any).abort();
}
