/**
 * The configuration of a LLaMA in the files of others: config.json of Hugging Face, both ways, and the keys of GGUF.
 *
 * Source: LlamaConfig of Hugging Face transformers, versions 4 and 5; the GGUF page of the ggml documentation.
 * What our LLaMA does not have (biases, scaled RoPE, heads of another width) is refused by the name of its setting, never computed without it.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import type { GgufKeys } from '@llm-ladder/formats/gguf-keys';
import { type TokenIds, tokenIdsJson } from '@llm-ladder/formats/hf-config';
import { type Json, positiveAt, wholeAt } from '@llm-ladder/formats/json';
import type { LlamaConfig } from './llama.ts';

/** config.json of a LLaMA. */
export function configJson({ V, D, L, H, G, F, maxLen, eps, theta, tied }: LlamaConfig, tokens: TokenIds): Json {
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
    ...tokenIdsJson(tokens),
  };
}

/** Our configuration for theirs. Throws UsageError, naming the setting, for what our LLaMA is not. */
export function readConfig(json: Json, source: string): LlamaConfig {
  const rope = json.rope_parameters ?? {}; // transformers 5 keeps theta and the kind of scaling here
  const { rope_theta: theta = json.rope_theta ?? 10_000, rope_type: ropeType } = rope as Json;
  const scaling = json.rope_scaling as Json | null | undefined;
  const [D, H] = [wholeAt(json, 'hidden_size', source), wholeAt(json, 'num_attention_heads', source)];
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
    V: wholeAt(json, 'vocab_size', source),
    D,
    L: wholeAt(json, 'num_hidden_layers', source),
    H,
    G: json.num_key_value_heads == null ? H : wholeAt(json, 'num_key_value_heads', source),
    F: wholeAt(json, 'intermediate_size', source),
    maxLen: wholeAt(json, 'max_position_embeddings', source, 2048),
    eps: positiveAt(json, 'rms_norm_eps', source, 1e-6),
    theta: positiveAt({ rope_theta: theta }, 'rope_theta', source),
    style: 'half',
    tied: json.tie_word_embeddings === true,
  };
  checkHeads(cfg, source);
  return cfg;
}

/** The configuration in the keys of a GGUF file with a vocabulary of V. Throws UsageError, naming the key, for what our LLaMA is not. */
export function ggufConfig(keys: GgufKeys, { V, tied }: Pick<LlamaConfig, 'V' | 'tied'>): LlamaConfig {
  keys.mustBe('general.architecture', ['llama']);
  keys.mustBe('llama.rope.scaling.type', ['none', undefined]);
  keys.mustBe('llama.expert_count', [0, undefined]);
  const [D, H] = [keys.whole('llama.embedding_length'), keys.whole('llama.attention.head_count')];
  for (const name of ['rope.dimension_count', 'attention.key_length', 'attention.value_length'])
    keys.mustBe(`llama.${name}`, [D / H, undefined]);
  const cfg: LlamaConfig = {
    V,
    D,
    L: keys.whole('llama.block_count'),
    H,
    G: keys.whole('llama.attention.head_count_kv', H),
    F: keys.whole('llama.feed_forward_length'),
    maxLen: keys.whole('llama.context_length'),
    eps: keys.positive('llama.attention.layer_norm_rms_epsilon'),
    theta: keys.positive('llama.rope.freq_base', 10_000),
    style: 'interleaved',
    tied,
  };
  checkHeads(cfg, keys.source);
  return cfg;
}

// --- helpers ---

/** Throws UsageError unless the heads fit the width: H divides D, G divides H, D / H is even. */
function checkHeads({ D, H, G }: LlamaConfig, source: string): void {
  if (D % H !== 0 || H % G !== 0 || (D / H) % 2 !== 0)
    throw new UsageError(source, 'H that divides D, G that divides H, an even D / H', `D=${D}, H=${H}, G=${G}`);
}
