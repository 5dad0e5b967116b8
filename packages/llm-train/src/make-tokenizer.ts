/**
 * The tokenizer of a file: byte-level BPE as trainBpe learns it, and the two ways in which models of others differ from that.
 *
 * - Digits one by one (SmolLM2): every digit is a pre-token of its own, cut out before anything else looks at the text.
 * - Bytes that never occurred in training may have no token. Like Hugging Face's, the tokenizer then drops them.
 */
import { splitter } from '@llm-ladder/formats/special-tokens';
import type { BpeParts } from '@llm-ladder/formats/tokenizer-json';
import { Tokenizer } from './bbpe-codec.ts';
import { BYTE_CHARS } from './pretokens.ts';

/** The tokenizer that these parts make. Throws UsageError for merges and specials that the vocabulary does not hold. */
export function makeTokenizer(parts: BpeParts): Pick<Tokenizer, 'encode' | 'decode'> {
  const { vocab, special, normalize, singleDigits = false } = parts;
  const absent = BYTE_CHARS.filter((char) => !vocab.has(char));
  if (!singleDigits && absent.length === 0) return new Tokenizer(parts);

  const known = 1 + [...vocab.values()].reduce((most, id) => Math.max(most, id), -1);
  const whole = new Map(vocab);
  for (const [i, char] of absent.entries()) whole.set(char, known + i); // an id for every byte, as Tokenizer asks; they are dropped again below
  const { vocab: _vocab, normalize: _normalize, ...rest } = parts;
  const tokenizer = new Tokenizer({ ...rest, vocab: whole });
  const literals = splitter(special);

  const encode: Tokenizer['encode'] = (text, { allowSpecial = false } = {}) => {
    const ids: number[] = [];
    const add = (piece: string) => {
      for (const id of tokenizer.encode(piece)) if (id < known) ids.push(id);
    };
    const pieces = allowSpecial ? text.split(literals) : [text]; // every second one is a special
    for (const [i, piece] of pieces.entries()) {
      const normal = normalize ? piece.normalize(normalize) : piece;
      if (i % 2 === 1) ids.push(vocab.get(piece)!);
      else for (const run of singleDigits ? normal.split(/(\p{N})/u) : [normal]) add(run);
    }
    return ids;
  };
  return { encode, decode: (ids, options) => tokenizer.decode(ids, options) };
}
