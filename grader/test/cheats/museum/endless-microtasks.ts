/** Never answers, and never lets a timer run. */
export async function sinusoidal() {
  for (;;) await null;
}
