/** What hidden suites import: `@llm-ladder/grader/suite`. */
export type { Asset } from '../assets/asset.ts';
export { ScriptedError } from '../box/callbacks.ts';
export { boxed, iterable, rng, stream, TensorValue, table, tensor, type Value } from '../box/values.ts';
export { type FakeClock, fakeClock } from './clock.ts';
export { performance, test } from './collect.ts';
export { type CommonInputs, type CommonOptions, common } from './common.ts';
export { onDrawn } from './drawn.ts';
export { expect } from './expect.ts';
export { Random } from './random.ts';
export { assistant, chunked, type Recorded, recorder, type Scripted, type Step, scripted, type ToolCall } from './scripted.ts';
export type { PerformanceOptions, Stats, Subject, TestContext, TestOptions } from './types.ts';
