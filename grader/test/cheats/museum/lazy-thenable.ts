/** Answers with an object that has a `then`: the work happens in whoever awaits it. */
import { sinusoidal as honest } from './honest.ts';
// biome-ignore lint/suspicious/noThenProperty: that is the cheat
export const sinusoidal = (T: number, D: number) => ({ then: (done: (x: unknown) => void) => done(honest(T, D)) });
