/**
 * Pretraining examples: one document to a row, padded; or documents packed into full rows, with a mask that keeps them apart.
 *
 * Papers: Radford et al. 2019 (GPT-2), section 2; Raffel et al. 2020 (T5), section 3.1.2, on packing; Krell et al. 2021, "Efficient Sequence Packing",
 * section 3.2, on masks that keep packed sequences apart.
 * - A model predicts the token that comes next: y is x one step later, and the mask says which of y count. It belongs to y, not to x.
 * - Padding is known by its place, never by its id: a pad id may be a token of the text, and often it is the end token.
 * - Each document ends with its end token, so that the model learns when to stop. The tokens of the last, unfilled row are left out.
 */
import { tf } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { causalMask, combine } from '@llm-ladder/transformer/masks';

/** One row of maxLen - 1 places. */
export interface PretrainExample {
  readonly x: number[];
  /** What follows each place of x. */
  readonly y: number[];
  /** 1 where y is a token of the document, 0 where it is padding. */
  readonly mask: number[];
}

/** Dims: N rows, T places in a row. */
export interface Packed {
  readonly ids: number[][]; // [N, T]
  /** Which of the documents a token belongs to, its end token included. */
  readonly docId: number[][]; // [N, T]
  readonly pos: number[][]; // [N, T]
}

/** One document after its start token, cut or padded to maxLen tokens, as x, y and mask of length maxLen - 1. Throws UsageError for maxLen below 2. */
export function pretrainExample(
  ids: readonly number[],
  { maxLen, bos, pad }: { readonly maxLen: number; readonly bos: number; readonly pad: number },
): PretrainExample {
  checkLength('pretrainExample', 'maxLen', maxLen);
  const tokens = [bos, ...ids].slice(0, maxLen);
  const row = Array.from({ length: maxLen }, (_, at) => tokens[at] ?? pad);
  const y = row.slice(1);
  return { x: row.slice(0, -1), y, mask: y.map((_, at) => (at + 1 < tokens.length ? 1 : 0)) };
}

/**
 * All documents one after the other, each with its end token, cut into rows of T = len tokens: ids, docId and pos, each [N, T].
 * Positions start at 0 with every document and every row; with `resetPos: false` with every row only. Empty documents leave no trace.
 */
export function packDocs(
  docs: readonly (readonly number[])[],
  len: number,
  eos: number,
  { resetPos = true }: { readonly resetPos?: boolean } = {},
): Packed {
  checkLength('packDocs', 'len', len);
  const stream = docs.flatMap((doc, docId) => (doc.length > 0 ? [...doc, eos].map((id) => ({ id, docId })) : []));
  const rows = Array.from({ length: Math.floor(stream.length / len) }, (_, n) => stream.slice(n * len, (n + 1) * len));
  return {
    ids: rows.map((row) => row.map(({ id }) => id)),
    docId: rows.map((row) => row.map(({ docId }) => docId)),
    pos: rows.map((row) => row.map(({ docId }, at) => (resetPos ? at - row.findIndex((first) => first.docId === docId) : at))),
  };
}

/** Hides later tokens and other documents: docId [B, T] -> additive [B, 1, T, T]. */
export function documentMask(docId: readonly (readonly number[])[]): tf.Tensor4D {
  return tf.tidy(() => {
    const ids = tf.tensor2d(docId as number[][], undefined, 'int32');
    const [B, T] = ids.shape;
    const other = ids.reshape([B, 1, T, 1]).notEqual(ids.reshape([B, 1, 1, T])); // [B, 1, T, T]
    return combine(causalMask(T), other.cast('float32').mul(-1e9));
  });
}

// --- helpers ---

function checkLength(where: string, name: string, length: number): void {
  if (!Number.isInteger(length) || length < 2) throw new UsageError(where, `${name} of at least 2`, String(length));
}
