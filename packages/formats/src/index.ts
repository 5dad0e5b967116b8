/** Files of language models. `tensors.ts`, the one part that loads TF.js, has a path of its own: `@llm-ladder/formats/tensors`. */

export { CHATML, type ChatMessage, type ChatModel, renderChat } from './chat-template.ts';
export { exportTorch, type SavableModel } from './export-torch.ts';
export { openGguf } from './gguf.ts';
export type { GgufHeader, GgufTensor, GgufValue } from './gguf-header.ts';
export { GgufKeys, ggufChat, ggufTokenizer } from './gguf-keys.ts';
export {
  DEFAULT_SAMPLING,
  generationJson,
  readSampling,
  readTemplate,
  readTokens,
  type Sampling,
  type TokenIds,
  tokenIdsJson,
  tokenizerConfigJson,
} from './hf-config.ts';
export {
  type FolderContent,
  openFolderWeights,
  readFolderChat,
  readFolderJson,
  readFolderText,
  writeModelFolder,
} from './hf-folder.ts';
export { type Json, mustHold, positiveAt, wholeAt } from './json.ts';
export { type NarrowTensor, type Numbers, narrow, readSafetensors, type StoredTensor } from './safetensors.ts';
export { type NamedTensor, openSafetensors, type SafetensorsFile, writeSafetensors } from './safetensors-file.ts';
export { splitter } from './special-tokens.ts';
export type { TensorFile } from './tensor-file.ts';
export { type BpeParts, readTokenizerJson, tokenizerJson } from './tokenizer-json.ts';
