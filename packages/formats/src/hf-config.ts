/**
 * The JSON files of a Hugging Face model folder that say the same of every model: generation_config.json and tokenizer_config.json, both ways.
 * config.json belongs to the model: wholeAt, positiveAt and mustHold of json.ts read it.
 *
 * Source: GenerationConfig and PreTrainedTokenizerFast of Hugging Face transformers, versions 4 and 5.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import type { Json } from './json.ts';

/** Ids that stand for no text. */
export interface TokenIds {
  readonly bos?: number;
  readonly pad: number;
  /** Ids that end an answer. */
  readonly eos: readonly number[];
}

/** Sampling as in generation_config.json: temperature, top_k, top_p, repetition_penalty. */
export interface Sampling {
  readonly temp: number;
  readonly topK: number;
  readonly topP: number;
  readonly rep: number;
}

/** What tokenizer_config.json says. */
export interface TokenizerConfig {
  readonly tokens: TokenIds;
  readonly vocab: ReadonlyMap<string, number>;
  readonly chatTemplate?: string;
  /** How many positions the model has. */
  readonly maxLen: number;
}

/** How to sample where a model does not say. */
export const DEFAULT_SAMPLING: Sampling = { temp: 0.7, topK: 50, topP: 0.9, rep: 1 };

/** generation_config.json: how to sample, and the special ids. */
export function generationJson({ temp, topK, topP, rep }: Sampling, tokens: TokenIds): Json {
  const sampling = { do_sample: true, temperature: temp, top_k: topK, top_p: topP, repetition_penalty: rep };
  const greedy = { do_sample: false, repetition_penalty: rep };
  return { ...(temp > 0 ? sampling : greedy), ...tokenIdsJson(tokens) };
}

/** The literals of the special ids, and the chat template. */
export function tokenizerConfigJson({ tokens, vocab, chatTemplate, maxLen }: TokenizerConfig): Json {
  const literalOf = new Map(Array.from(vocab, ([token, id]) => [id, token]));
  const [bos, eos] = [tokens.bos, tokens.eos[0]];
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...(bos !== undefined && { bos_token: literalOf.get(bos) }),
    ...(eos !== undefined && { eos_token: literalOf.get(eos) }),
    pad_token: literalOf.get(tokens.pad),
    model_max_length: maxLen,
    clean_up_tokenization_spaces: false,
    ...(chatTemplate !== undefined && { chat_template: chatTemplate }),
  };
}

/** The special ids under the keys that config.json and generation_config.json share. */
export function tokenIdsJson({ bos, pad, eos }: TokenIds): Json {
  return { ...(bos !== undefined && { bos_token_id: bos }), eos_token_id: eos.length === 1 ? eos[0] : eos, pad_token_id: pad };
}

/** The special ids: as generation_config.json says, else config.json, else the literals of tokenizer_config.json. */
export function readTokens(
  files: { config: Json; generation: Json; tokenizer: Json },
  vocab: ReadonlyMap<string, number>,
  source: string,
): TokenIds {
  const ids = (name: 'bos' | 'eos' | 'pad'): number[] => {
    const literal = files.tokenizer[`${name}_token`];
    const text = typeof literal === 'object' && literal !== null ? (literal as Json).content : literal;
    const given = files.generation[`${name}_token_id`] ?? files.config[`${name}_token_id`] ?? vocab.get(text as string) ?? [];
    const list: unknown[] = Array.isArray(given) ? given : [given];
    const odd = list.find((id) => !Number.isSafeInteger(id) || (id as number) < 0);
    if (odd !== undefined) throw new UsageError(source, `${name}_token_id as ids`, JSON.stringify(odd));
    return list as number[];
  };
  const [[bos], eos, [pad]] = [ids('bos'), ids('eos'), ids('pad')];
  return { ...(bos !== undefined && { bos }), pad: pad ?? eos[0] ?? 0, eos };
}

/** How to sample; what a file does not say is DEFAULT_SAMPLING's. */
export function readSampling(json: Json): Sampling {
  const { temp, topK, topP, rep } = DEFAULT_SAMPLING;
  const numberAt = (key: string, otherwise: number) => (typeof json[key] === 'number' ? json[key] : otherwise);
  return {
    temp: json.do_sample === false ? 0 : numberAt('temperature', temp),
    topK: numberAt('top_k', topK),
    topP: numberAt('top_p', topP),
    rep: numberAt('repetition_penalty', rep),
  };
}

/** The chat template in tokenizer_config.json: one text, or a list of named ones, of which "default" counts. */
export function readTemplate(tokenizer: Json): string | undefined {
  const given = tokenizer.chat_template;
  if (!Array.isArray(given)) return typeof given === 'string' ? given : undefined;
  return (given as { name?: unknown; template?: string }[]).find(({ name }) => name === 'default')?.template;
}
