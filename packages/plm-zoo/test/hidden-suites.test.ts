import { hiddenSuitesOnEveryBackend } from '@llm-ladder/testing/hidden-suites';

await hiddenSuitesOnEveryBackend(import.meta.dirname);
