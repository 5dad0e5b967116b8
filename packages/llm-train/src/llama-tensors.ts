/**
 * The weights of a LLaMA under the names of others: Hugging Face's in safetensors, llama.cpp's in GGUF.
 *
 * - Both keep a linear map as [out, in], PyTorch's way; ours are [in, out]. Tables and gains are the same everywhere.
 * - Hugging Face turns the two halves of a head ('half'), Meta and llama.cpp neighbours ('interleaved'). One is the other with the rows of a head's
 *   query and key maps in another order, so both compute the same.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import type { NamedTensor } from '@llm-ladder/formats/safetensors-file';
import type { TensorFile } from '@llm-ladder/formats/tensor-file';
import type { LlamaConfig, LlamaLayerWeights, LlamaWeights } from './llama.ts';

const LAYER_PARTS = ['attnNorm', 'Wq', 'Wk', 'Wv', 'Wo', 'ffnNorm', 'w1', 'w2', 'w3'] as const;
type LayerPart = (typeof LAYER_PARTS)[number];
type OtherPart = 'embed' | 'norm' | 'head';

/** How a format calls the parts. */
export interface Names {
  readonly layer: (l: number) => string;
  readonly parts: Readonly<Record<LayerPart | OtherPart, string>>;
  /** Tensors that say nothing new, and may be there. */
  readonly ignored: RegExp;
}

export const HUGGING_FACE: Names = {
  layer: (l) => `model.layers.${l}.`,
  parts: {
    embed: 'model.embed_tokens.weight',
    norm: 'model.norm.weight',
    head: 'lm_head.weight',
    attnNorm: 'input_layernorm.weight',
    Wq: 'self_attn.q_proj.weight',
    Wk: 'self_attn.k_proj.weight',
    Wv: 'self_attn.v_proj.weight',
    Wo: 'self_attn.o_proj.weight',
    ffnNorm: 'post_attention_layernorm.weight',
    w1: 'mlp.gate_proj.weight',
    w2: 'mlp.down_proj.weight',
    w3: 'mlp.up_proj.weight',
  },
  ignored: /rotary_emb\.inv_freq$/, // old files keep the frequencies that theta gives
};

export const GGUF: Names = {
  layer: (l) => `blk.${l}.`,
  parts: {
    embed: 'token_embd.weight',
    norm: 'output_norm.weight',
    head: 'output.weight',
    attnNorm: 'attn_norm.weight',
    Wq: 'attn_q.weight',
    Wk: 'attn_k.weight',
    Wv: 'attn_v.weight',
    Wo: 'attn_output.weight',
    ffnNorm: 'ffn_norm.weight',
    w1: 'ffn_gate.weight',
    w2: 'ffn_down.weight',
    w3: 'ffn_up.weight',
  },
  ignored: /^$/,
};

/** One tensor of the file: its name, its shape there, and which of ours it is. */
interface Place {
  readonly name: string;
  readonly shape: readonly number[];
  readonly part: LayerPart | OtherPart;
  readonly l: number;
}

/** Every tensor of the model on the current backend; the caller owns them. Throws UsageError for missing, odd or wrongly shaped ones before any is read. */
export async function readLlama(file: TensorFile, cfg: LlamaConfig, names: Names): Promise<LlamaWeights> {
  checkTensors(file, cfg, names);
  const tensors = new Map<string, tf.Tensor>();
  try {
    for (const { name, shape, part } of placesOf(cfg, names)) tensors.set(name, toOurs(await file.read(name), shape, part));
  } catch (error) {
    tf.dispose([...tensors.values()]);
    throw error;
  }
  const other = <T extends tf.Tensor>(part: OtherPart) => tensors.get(names.parts[part]) as T;
  const layers = Array.from({ length: cfg.L }, (_, l): LlamaLayerWeights => {
    const at = <T extends tf.Tensor = tf.Tensor2D>(part: LayerPart) => tensors.get(names.layer(l) + names.parts[part]) as T;
    return {
      attnNorm: at<tf.Tensor1D>('attnNorm'),
      attn: { Wq: at('Wq'), Wk: at('Wk'), Wv: at('Wv'), Wo: at('Wo') },
      ffnNorm: at<tf.Tensor1D>('ffnNorm'),
      ffn: { w1: at('w1'), w2: at('w2'), w3: at('w3') },
    };
  });
  return { embed: other('embed'), layers, norm: other('norm'), ...(!cfg.tied && { head: other<tf.Tensor2D>('head') }) };
}

/** The model's tensors as Hugging Face has them, one at a time. */
export function hfTensors(w: LlamaWeights, cfg: LlamaConfig): NamedTensor[] {
  return [...placesOf(cfg, HUGGING_FACE)].map(({ name, shape, part, l }) => {
    const data = async () => {
      const laid = tf.tidy(() => toHalves(transposed(partOf(w, part, l), part), part, cfg));
      const numbers = (await laid.data()) as Float32Array;
      laid.dispose();
      return numbers;
    };
    return { name, shape, data };
  });
}

// --- helpers ---

function* placesOf({ V, D, L, H, G, F, tied }: LlamaConfig, names: Names): Generator<Place> {
  const kv = G * (D / H);
  const shapes: Record<LayerPart, number[]> = { attnNorm: [D], Wq: [D, D], Wk: [kv, D], Wv: [kv, D], Wo: [D, D], ffnNorm: [D], w1: [F, D], w2: [D, F], w3: [F, D] }; // biome-ignore format: a table
  yield { name: names.parts.embed, shape: [V, D], part: 'embed', l: 0 };
  for (let l = 0; l < L; l++)
    for (const part of LAYER_PARTS) yield { name: names.layer(l) + names.parts[part], shape: shapes[part], part, l };
  yield { name: names.parts.norm, shape: [D], part: 'norm', l: 0 };
  if (!tied) yield { name: names.parts.head, shape: [V, D], part: 'head', l: 0 };
}

function checkTensors({ source, shapes }: TensorFile, cfg: LlamaConfig, names: Names): void {
  const expected = new Set<string>(cfg.tied ? [names.parts.head] : []); // some files hold the tied head twice
  for (const { name, shape } of placesOf(cfg, names)) {
    const got = shapes.get(name); // stops at the first that is missing: a config that lies about L costs nothing
    if (got === undefined) throw new UsageError(source, `a tensor ${name} [${shape}], as the configuration says`, 'none');
    if (got.length !== shape.length || got.some((length, i) => length !== shape[i]))
      throw new UsageError(source, `${name} of [${shape}], as the configuration says`, `[${got}]`);
    expected.add(name);
  }
  const odd = [...shapes.keys()].filter((name) => !expected.has(name) && !names.ignored.test(name));
  if (odd.length > 0)
    throw new UsageError(source, 'only the tensors of a LLaMA without biases', `${odd.slice(0, 3).join(', ')} (${odd.length} in all)`);
}

function isLinear(part: Place['part']): boolean {
  return /^[Ww]|head/.test(part);
}

function toOurs(numbers: Float32Array, shape: readonly number[], part: Place['part']): tf.Tensor {
  return tf.tidy(() => {
    const tensor = tf.tensor(numbers, [...shape]);
    return isLinear(part) ? tensor.transpose() : tensor;
  });
}

function transposed(tensor: tf.Tensor, part: Place['part']): tf.Tensor {
  return isLinear(part) ? tensor.transpose() : tensor.clone();
}

/** Rows of the query and key maps from neighbours to halves: 0, 2, 4 .. then 1, 3, 5 .. of each head. */
function toHalves(tensor: tf.Tensor, part: Place['part'], { D, H, style }: LlamaConfig): tf.Tensor {
  if (style === 'half' || (part !== 'Wq' && part !== 'Wk')) return tensor;
  const K = D / H;
  const row = (at: number) => at - (at % K) + (at % K < K / 2 ? 2 * (at % K) : 2 * (at % K) - K + 1);
  return tf.gather(
    tensor,
    tf.tensor1d(
      Array.from({ length: tensor.shape[0]! }, (_, at) => row(at)),
      'int32',
    ),
  );
}

function partOf(w: LlamaWeights, part: Place['part'], l: number): tf.Tensor {
  if (part === 'embed' || part === 'norm') return w[part];
  if (part === 'head') return w.head ?? w.embed.transpose();
  const layer = w.layers[l]!;
  if (part === 'attnNorm' || part === 'ffnNorm') return layer[part];
  return part === 'w1' || part === 'w2' || part === 'w3' ? layer.ffn[part] : layer.attn[part];
}
