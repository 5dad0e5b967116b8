import { hiddenSuitesOnEveryBackend } from '@llm-ladder/testing/hidden-suites';

await hiddenSuitesOnEveryBackend(import.meta.dirname, { train: ['training ends where scikit-learn does'] });
