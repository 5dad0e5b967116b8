/** Exports the reference of the exercise under its own name. */
export { attention } from '@llm-ladder/transformer/attention';
