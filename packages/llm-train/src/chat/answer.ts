/** One answer of a chat, as a stream of text. */
import { setImmediate } from 'node:timers/promises';
import { UsageError } from '@llm-ladder/backend/errors';
import { type ChatMessage, renderChat } from '@llm-ladder/formats/chat-template';
import { StreamDecoder } from '../bbpe-codec.ts';
import type { LanguageModel } from '../model-folder.ts';
import { sample } from '../sampling.ts';
import { FastDecoder } from './fast-decoder.ts';
import type { RowDecoder } from './row-decoder.ts';

export interface AnswerOptions extends Partial<LanguageModel['generation']> {
  /** The most new tokens; 512 unless told. */
  readonly maxNew?: number;
  /** All chance comes from here. */
  readonly rng: () => number;
  /** What reads the row, and still knows it at the next answer; without one, a decoder is made for this answer. */
  readonly decoder?: RowDecoder;
  /** Ends the answer after the token that is being worked out. */
  readonly signal?: AbortSignal;
  /** Called before the first token when the oldest messages found no room. */
  readonly onDropped?: (messages: number) => void;
}

/**
 * The assistant's answer to a conversation, in pieces of whole characters. It ends with an id of `tokens.eos`, after `maxNew` tokens, at the model's
 * last position or by `signal`. Throws UsageError for a newest message that alone is too long.
 */
export async function* answer(
  model: LanguageModel,
  messages: readonly ChatMessage[],
  options: AnswerOptions,
): AsyncGenerator<string, void> {
  const { maxNew = 512, rng, signal, onDropped } = options;
  const { temp, topK, topP, rep } = { ...model.generation, ...options };
  const { ids, dropped } = fitted(model, messages, maxNew);
  if (dropped > 0) onDropped?.(dropped);

  const decoder = options.decoder ?? new FastDecoder(model.weights, model.cfg);
  const specials = new Set(model.special.map((literal) => model.vocab.get(literal)));
  const stream = new StreamDecoder({ vocab: model.vocab, special: model.special, merges: [] });
  const row = [...ids];
  try {
    for (let made = 0; made < maxNew && row.length < model.cfg.maxLen && !signal?.aborted; made++) {
      const logits = decoder.next(row);
      const drawn = sample(logits, { temp, topK, topP, rep, seen: [row], rng });
      const id = drawn.dataSync()[0]!;
      logits.dispose();
      drawn.dispose();
      if (model.tokens.eos.includes(id)) {
        const rest = stream.end(); // a character that the model left half done
        if (rest !== '') yield rest;
        return;
      }
      row.push(id);
      const text = specials.has(id) ? '' : stream.push(id);
      if (text !== '') yield text;
      await setImmediate(); // keys and signals are heard between two tokens
    }
  } finally {
    if (options.decoder === undefined) decoder.dispose();
  }
}

/** The ids of as many of the newest messages as leave room for an answer; a system message at the start stays. */
export function fitted(
  model: LanguageModel,
  messages: readonly ChatMessage[],
  maxNew: number,
): { readonly ids: number[]; readonly dropped: number } {
  const { maxLen } = model.cfg;
  const most = maxLen - Math.max(1, Math.min(maxNew, Math.floor(maxLen / 4)));
  const first = messages[0]?.role === 'system' ? 1 : 0;
  const starts = messages.flatMap(({ role }, i) => (i === first || (i > first && role === 'user') ? [i] : []));
  for (const start of starts) {
    const kept = [...messages.slice(0, first), ...messages.slice(start)];
    const ids = renderChat(model, kept, { addGenerationPrompt: true });
    if (ids.length <= most) return { ids, dropped: messages.length - kept.length };
    if (start === starts.at(-1))
      throw new UsageError('chat', `a message of at most ${most} tokens with what stands around it`, `${ids.length}`);
  }
  throw new UsageError('chat', 'a message to answer', 'none');
}
