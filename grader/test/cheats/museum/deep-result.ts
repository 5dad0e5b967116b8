/** Returns lists in lists without end. */
export function sinusoidal() {
  let value: unknown = 0;
  for (let i = 0; i < 100_000; i++) value = [value];
  return value;
}
