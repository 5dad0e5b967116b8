/** Looks for the seed of the run in the environment, the arguments and the title of the process. */
import { tf } from '@llm-ladder/backend';

const { env, argv, execArgv, title } = process;
const found = [...Object.values(env), ...argv, ...execArgv, title].map(Number).find((x) => x! > 0);
export const sinusoidal = (T: number, D: number) => tf.randomNormal([T, D], 0, 1, 'float32', found ?? 1);
