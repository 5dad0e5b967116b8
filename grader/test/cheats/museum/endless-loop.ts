/** Never answers. */
export function sinusoidal() {
  for (;;);
}
