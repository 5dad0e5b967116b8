/** Runs in the box beside the learner's code: chance that is none. */

/** An rng that always gives the same number. */
export function always(chance: number) {
  return () => chance;
}
