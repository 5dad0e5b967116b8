import { hiddenSuitesOnEveryBackend } from '@llm-ladder/testing/hidden-suites';

// Its tests use a model of the size that it trains.
await hiddenSuitesOnEveryBackend(import.meta.dirname, { leaveOut: ['copy-reverse'] });
