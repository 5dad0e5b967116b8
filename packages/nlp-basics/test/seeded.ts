/** Random numbers that are the same in every run: the seed stands in the test. */

/** Lehmer's generator: numbers in (0, 1) from a whole seed > 0. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** `count` items drawn from a list. */
export function draws<T>(rng: () => number, items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, () => items[Math.floor(rng() * items.length)]!);
}
