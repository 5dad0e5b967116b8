/** Returns an object that contains itself. */
export function sinusoidal() {
  const value: any = {};
  value.value = value;
  return value;
}
