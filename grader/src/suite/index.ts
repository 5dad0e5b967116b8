/** What hidden suites import: `@llm-ladder/grader/suite`. */
export { boxed, iterable, rng, TensorValue, table, tensor, type Value } from '../box/values.ts';
export { performance, test } from './collect.ts';
export { type CommonInputs, type CommonOptions, common } from './common.ts';
export { onDrawn } from './drawn.ts';
export { expect } from './expect.ts';
export { Random } from './random.ts';
export type { PerformanceOptions, Stats, Subject, TestContext, TestOptions } from './types.ts';
