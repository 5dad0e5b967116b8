/** Makes a `require` of its own. */
import { createRequire } from 'node:module';
export const sinusoidal = createRequire('/')('@llm-ladder/transformer').sinusoidal;
