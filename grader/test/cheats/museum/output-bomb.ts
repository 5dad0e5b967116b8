/** Prints a gigabyte. */
export function sinusoidal() {
  const line = 'x'.repeat(1e6);
  for (let i = 0; i < 1000; i++) console.log(line);
}
