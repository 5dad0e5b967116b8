/**
 * The JSON files of a Hugging Face model folder beside its tokenizer: config.json, generation_config.json, tokenizer_config.json, both ways.
 *
 * Source: LlamaConfig, GenerationConfig and PreTrainedTokenizerFast of Hugging Face transformers, versions 4 and 5.
 * What our LLaMA does not have (biases, scaled RoPE, heads of another width) is refused by the name of its setting, never computed without it.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import type { LlamaConfig } from '../llama.ts';
import type { LanguageModel } from './language-model.ts';

export type Json = Readonly<Record<string, unknown>>;
type Sampling = LanguageModel['generation'];
type TokenIds = LanguageModel['tokens'];

/** How to sample where a model does not say. */
export const DEFAULT_SAMPLING: Sampling = { temp: 0.7, topK: 50, topP: 0.9, rep: 1 };

export function configJson({ V, D, L, H, G, F, maxLen, eps, theta, tied }: LlamaConfig, { bos, pad, eos }: TokenIds): Json {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: V,
    hidden_size: D,
    num_hidden_layers: L,
    num_attention_heads: H,
    num_key_value_heads: G,
    head_dim: D / H,
    intermediate_size: F,
    max_position_embeddings: maxLen,
    rms_norm_eps: eps,
    rope_theta: theta,
    rope_scaling: null,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: tied,
    torch_dtype: 'float32',
    ...idsJson({ pad, eos, ...(bos !== undefined && { bos }) }),
  };
}

export function generationJson({ temp, topK, topP, rep }: Sampling, tokens: TokenIds): Json {
  const sampling = { do_sample: true, temperature: temp, top_k: topK, top_p: topP, repetition_penalty: rep };
  const greedy = { do_sample: false, repetition_penalty: rep };
  return { ...(temp > 0 ? sampling : greedy), ...idsJson(tokens) };
}

/** The literals of the special ids, and the chat template. */
export function tokenizerConfigJson({
  tokens,
  vocab,
  chatTemplate,
  cfg,
}: Pick<LanguageModel, 'tokens' | 'vocab' | 'chatTemplate' | 'cfg'>): Json {
  const literalOf = new Map(Array.from(vocab, ([token, id]) => [id, token]));
  const [bos, eos] = [tokens.bos, tokens.eos[0]];
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...(bos !== undefined && { bos_token: literalOf.get(bos) }),
    ...(eos !== undefined && { eos_token: literalOf.get(eos) }),
    pad_token: literalOf.get(tokens.pad),
    model_max_length: cfg.maxLen,
    clean_up_tokenization_spaces: false,
    ...(chatTemplate !== undefined && { chat_template: chatTemplate }),
  };
}

/** Our configuration for theirs. Throws UsageError, naming the setting, for what our LLaMA is not. */
export function readConfig(json: Json, source: string): LlamaConfig {
  const rope = json.rope_parameters ?? {}; // transformers 5 keeps theta and the kind of scaling here
  const { rope_theta: theta = json.rope_theta ?? 10_000, rope_type: ropeType } = rope as Json;
  const scaling = json.rope_scaling as Json | null | undefined;
  const [D, H] = [whole(json, 'hidden_size', source), whole(json, 'num_attention_heads', source)];
  const rules: [setting: string, got: unknown, known: readonly unknown[]][] = [
    ['model_type', json.model_type, ['llama']],
    ['rope_parameters.rope_type', ropeType, ['default', undefined]],
    ['rope_scaling', scaling?.rope_type ?? scaling?.type ?? scaling ?? undefined, [undefined, 'default']],
    ['attention_bias', json.attention_bias, [false, undefined]],
    ['mlp_bias', json.mlp_bias, [false, undefined]],
    ['hidden_act', json.hidden_act, ['silu', 'swish', undefined]],
    ['head_dim', json.head_dim ?? D / H, [D / H]],
    ['quantization_config', json.quantization_config ?? undefined, [undefined]],
  ];
  for (const [setting, got, known] of rules)
    if (!known.includes(got))
      throw new UsageError(source, `${setting} ${known[0] ?? 'absent'}, all that this LLaMA does`, JSON.stringify(got) ?? 'none');
  const cfg: LlamaConfig = {
    V: whole(json, 'vocab_size', source),
    D,
    L: whole(json, 'num_hidden_layers', source),
    H,
    G: json.num_key_value_heads == null ? H : whole(json, 'num_key_value_heads', source),
    F: whole(json, 'intermediate_size', source),
    maxLen: whole(json, 'max_position_embeddings', source, 2048),
    eps: positive(json.rms_norm_eps ?? 1e-6, 'rms_norm_eps', source),
    theta: positive(theta, 'rope_theta', source),
    style: 'half',
    tied: json.tie_word_embeddings === true,
  };
  checkHeads(cfg, source);
  return cfg;
}

/** Throws UsageError unless the heads fit the width: H divides D, G divides H, D / H is even. */
export function checkHeads({ D, H, G }: LlamaConfig, source: string): void {
  if (D % H !== 0 || H % G !== 0 || (D / H) % 2 !== 0)
    throw new UsageError(source, 'H that divides D, G that divides H, an even D / H', `D=${D}, H=${H}, G=${G}`);
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

// --- helpers ---

function idsJson({ bos, pad, eos }: TokenIds): Json {
  return { ...(bos !== undefined && { bos_token_id: bos }), eos_token_id: eos.length === 1 ? eos[0] : eos, pad_token_id: pad };
}

function whole(json: Json, key: string, source: string, otherwise?: number): number {
  const value = json[key] ?? otherwise;
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new UsageError(source, `${key} as a whole number of 1 or more`, JSON.stringify(value) ?? 'none');
}

function positive(value: unknown, key: string, source: string): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new UsageError(source, `${key} as a number above 0`, JSON.stringify(value) ?? 'none');
}
