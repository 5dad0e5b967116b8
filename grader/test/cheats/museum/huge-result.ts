/** Returns a list of a million numbers where an empty one is expected, to keep the grader busy with the difference. */
export { makeBatch } from './honest.ts';

const list = Array.from({ length: 1_000_000 }, (_, i) => i);
export const trainReverse = () => ({ translate: () => list, dispose: () => undefined });
