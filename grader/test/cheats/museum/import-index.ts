/** Takes the function from the whole package. */
export { layerNorm } from '@llm-ladder/transformer';
