/**
 * tokenizer.json of Hugging Face tokenizers, for byte-level BPE: written so that their library gives the same ids, and read so that ours gives theirs.
 *
 * Source: the file format as Hugging Face tokenizers 0.20 and later write it.
 * - Read: model BPE; pre-tokenizer ByteLevel without a prefix space, alone or after Digits with individual_digits; normalizer none or NFKC. Anything else
 *   would cut text differently, so it is refused by name.
 * - NFKC is JavaScript's: it also changes characters of Unicode 14 and later, which Hugging Face's leaves as they are.
 * - Every added token counts as special: text makes it only where the caller allows it.
 * - A post-processor, which puts ids such as <s> around a text, is not ours: a chat template says where they stand.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import { isObject, type Json, mustHold, objectAt, parseObject } from './json.ts';

/** A byte-level BPE tokenizer as data: what the file says, for whoever interprets it. */
export interface BpeParts {
  /** Ids of all tokens; bytes are written as the printable characters of GPT-2. */
  readonly vocab: ReadonlyMap<string, number>;
  readonly merges: readonly (readonly [left: string, right: string])[];
  /** Tokens that text makes only where the caller allows it. They are in `vocab` too. */
  readonly special: readonly string[];
  /** Brings text to this form before it is encoded. */
  readonly normalize?: 'NFKC';
  /** Whether each digit, of whatever script, stands alone. False unless given. */
  readonly singleDigits?: boolean;
}

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
const DIGITS = { type: 'Digits', individual_digits: true };

/** The text of a tokenizer.json. */
export function tokenizerJson({ vocab, merges, special, normalize, singleDigits = false }: BpeParts): string {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const specials = special.map((content) => ({ id: vocab.get(content), content, ...flags }));
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specials.sort((a, b) => a.id! - b.id!),
    normalizer: normalize ? { type: normalize } : null,
    pre_tokenizer: singleDigits ? { type: 'Sequence', pretokenizers: [DIGITS, BYTE_LEVEL] } : BYTE_LEVEL,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocab),
      merges: merges.map((pair) => pair.join(' ')), // no token holds a space: byte 0x20 is written Ġ
    },
  });
}

/** The parts of a tokenizer.json. Throws UsageError, naming the part, for a tokenizer of another kind. */
export function readTokenizerJson(text: string, source: string): BpeParts {
  const json = parseObject(text, source);
  const model = objectAt(json, 'model', source);
  mustHold(model, source, 'model', {
    type: ['BPE', undefined],
    dropout: [null, undefined, 0],
    continuing_subword_prefix: [null, undefined, ''],
    end_of_word_suffix: [null, undefined, ''],
    byte_fallback: [false, undefined],
    ignore_merges: [false, undefined],
  });
  const added = addedTokens(json, source);
  const vocab = new Map<string, number>();
  for (const [token, id] of [...Object.entries(objectAt(model, 'vocab', source)), ...added]) {
    if (!Number.isSafeInteger(id) || (id as number) < 0) throw new UsageError(source, 'whole ids of 0 or more', `${token}: ${id}`);
    vocab.set(token, id as number);
  }
  if (new Set(vocab.values()).size !== vocab.size) throw new UsageError(source, 'ids that differ', 'one id of two tokens');
  const { normalize, singleDigits } = { ...normalizer(json, source), ...preTokenizer(json, source) };
  return {
    vocab,
    merges: readMerges(model, source),
    special: added.map(([content]) => content),
    ...(normalize && { normalize }),
    ...(singleDigits && { singleDigits }),
  };
}

// --- helpers ---

function addedTokens(json: Json, source: string): [content: string, id: unknown][] {
  const added = json.added_tokens ?? [];
  if (!Array.isArray(added)) throw new UsageError(source, 'a list "added_tokens"', typeof added);
  return added.map((token: unknown) => {
    if (!isObject(token) || typeof token.content !== 'string' || token.content === '')
      throw new UsageError(source, 'added tokens with their content', JSON.stringify(token).slice(0, 80));
    const where = `added token ${JSON.stringify(token.content)}`;
    mustHold(token, source, where, { lstrip: [false, undefined], rstrip: [false, undefined], single_word: [false, undefined] });
    return [token.content, token.id];
  });
}

function normalizer(json: Json, source: string): { normalize?: 'NFKC' } {
  const normalizer = json.normalizer ?? null;
  if (normalizer === null) return {};
  if (isObject(normalizer) && normalizer.type === 'NFKC') return { normalize: 'NFKC' };
  throw new UsageError(source, 'no normalizer, or NFKC', describe(normalizer));
}

function preTokenizer(json: Json, source: string): { singleDigits?: true } {
  const whole = json.pre_tokenizer;
  const steps: unknown[] =
    isObject(whole) && whole.type === 'Sequence' && Array.isArray(whole.pretokenizers) ? whole.pretokenizers : [whole];
  const digits = steps.length === 2 && isObject(steps[0]) && steps[0].type === 'Digits' && steps[0].individual_digits === true;
  const last = digits ? steps[1] : steps.length === 1 ? steps[0] : undefined;
  const plain = isObject(last) && last.type === 'ByteLevel' && last.add_prefix_space === false && last.use_regex !== false;
  if (!plain)
    throw new UsageError(source, 'a ByteLevel pre-tokenizer without a prefix space, alone or after single Digits', describe(whole));
  return digits ? { singleDigits: true } : {};
}

/** What stands in a file: `Sequence(Split, ByteLevel)`, with the settings of a single step. */
function describe(step: unknown): string {
  if (!isObject(step)) return JSON.stringify(step) ?? 'none';
  const inner = step.pretokenizers ?? step.normalizers;
  if (Array.isArray(inner)) return `${step.type}(${inner.map((one) => (isObject(one) ? one.type : one)).join(', ')})`;
  return JSON.stringify(step).slice(0, 120);
}

function readMerges(model: Json, source: string): [string, string][] {
  const merges = model.merges;
  if (!Array.isArray(merges)) throw new UsageError(source, 'a list "merges"', typeof merges);
  return merges.map((merge: unknown) => {
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    const two = Array.isArray(pair) && pair.length === 2 && pair.every((token) => typeof token === 'string' && token !== '');
    if (!two) throw new UsageError(source, 'two tokens in each merge', JSON.stringify(merge).slice(0, 80));
    return pair as [string, string];
  });
}
