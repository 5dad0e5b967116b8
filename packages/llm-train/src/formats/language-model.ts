/** A model with all that it takes to talk to it: what a checkpoint folder or a GGUF file holds. */
import type { Tokenizer } from '../bbpe-codec.ts';
import type { LlamaConfig, LlamaWeights } from '../llama.ts';

export interface LanguageModel {
  readonly cfg: LlamaConfig;
  /** Float32; the owner of the model disposes of them. */
  readonly weights: LlamaWeights;
  readonly tokenizer: Pick<Tokenizer, 'encode' | 'decode'>;
  /** What StreamDecoder needs of the tokenizer. */
  readonly vocab: ReadonlyMap<string, number>;
  readonly special: readonly string[];
  readonly tokens: {
    readonly bos?: number;
    readonly pad: number;
    /** Ids that end an answer. */
    readonly eos: readonly number[];
  };
  /** Jinja, as in Hugging Face's tokenizer_config.json; a model that was only pretrained has none. */
  readonly chatTemplate?: string;
  /** Sampling as in generation_config.json. */
  readonly generation: { readonly temp: number; readonly topK: number; readonly topP: number; readonly rep: number };
  /** Where it was read from, for messages. */
  readonly source: string;
}
