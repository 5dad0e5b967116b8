/** One answer as a stream: whole characters, an end, a limit, the oldest turns left out. */
import { tf } from '@llm-ladder/backend';
import type { ChatMessage } from '@llm-ladder/formats/chat-template';
import { describe, expect, test } from 'vitest';
import { type AnswerOptions, answer, fitted } from '../../src/chat/answer.ts';
import { FastDecoder } from '../../src/chat/fast-decoder.ts';
import { ExerciseDecoder } from '../../src/chat/row-decoder.ts';
import type { LanguageModel } from '../../src/model-folder.ts';
import { byteModel, bytes, IM_END, IM_START, Scripted } from './byte-model.ts';

const model = byteModel();
const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });
const rng = () => 0.5;

describe('answer', () => {
  test('ends at an end token, which is not shown, and asks no more', async () => {
    const decoder = new Scripted([...bytes('hi'), IM_END], model.cfg.V);
    expect(await pieces(model, [user('Hello')], { rng, decoder })).toEqual(['h', 'i']);
    expect(decoder.rows).toHaveLength(3);
    expect(decoder.rows[1]).toEqual([...decoder.rows[0]!, ...bytes('h')]);
  });

  test('holds a character back until all its bytes are there', async () => {
    const decoder = new Scripted([...bytes('a好🙂'), IM_END], model.cfg.V);
    expect(await pieces(model, [user('Hello')], { rng, decoder })).toEqual(['a', '好', '🙂']);
  });

  test('half a character at the limit is left out; one that the model ends is shown as U+FFFD', async () => {
    const cut = new Scripted(bytes('a好'), model.cfg.V);
    expect((await pieces(model, [user('x')], { rng, decoder: cut, maxNew: 2 })).join('')).toBe('a');
    const broken = new Scripted([...bytes('好').slice(0, 2), IM_END], model.cfg.V);
    expect((await pieces(model, [user('x')], { rng, decoder: broken })).join('')).toBe('\ufffd');
  });

  test('special tokens in the answer are not shown', async () => {
    const decoder = new Scripted([...bytes('a'), IM_START, ...bytes('b'), IM_END], model.cfg.V);
    expect((await pieces(model, [user('x')], { rng, decoder })).join('')).toBe('ab');
  });

  test('stops after maxNew tokens, at the last position, and by signal', async () => {
    const forever = () => new Scripted(bytes('a'), model.cfg.V);
    expect((await pieces(model, [user('x')], { rng, decoder: forever(), maxNew: 5 })).join('')).toBe('aaaaa');

    const short = byteModel({ maxLen: 60 });
    const decoder = forever();
    await pieces(short, [user('x')], { rng, decoder, maxNew: 500 });
    expect(decoder.rows.at(-1)).toHaveLength(59); // with the id that follows, 60

    const stop = new AbortController();
    let text = '';
    for await (const piece of answer(model, [user('x')], { rng, decoder: forever(), signal: stop.signal })) {
      text += piece;
      if (text.length === 3) stop.abort();
    }
    expect(text).toBe('aaa');
  });

  test('both decoders say the same, over two turns, and keep no tensors', async () => {
    const before = tf.memory().numTensors;
    const told: string[] = [];
    for (const decoder of [undefined, new FastDecoder(model.weights, model.cfg), new ExerciseDecoder(model.weights, model.cfg)]) {
      const options = { rng, maxNew: 12, ...(decoder && { decoder }) };
      const first = (await pieces(model, [user('Hello')], options)).join('');
      const second = (await pieces(model, [user('Hello'), assistant(first), user('And then?')], options)).join('');
      told.push(`${first}|${second}`);
      decoder?.dispose();
    }
    expect(told[1]).toBe(told[0]);
    expect(told[2]).toBe(told[0]);
    expect(told[0]!.length).toBeGreaterThan(3);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('options take the place of what the model says about sampling', async () => {
    const hot = { ...model, generation: { ...model.generation, temp: 1e9 } };
    let draws = 0;
    const counting = () => {
      draws++;
      return 0.999;
    };
    await pieces(hot, [user('x')], { rng: counting, maxNew: 3, decoder: new Scripted(bytes('a'), model.cfg.V) });
    expect(draws).toBe(3);
    await pieces(hot, [user('x')], { rng: counting, temp: 0, maxNew: 3, decoder: new Scripted(bytes('a'), model.cfg.V) });
    expect(draws).toBe(3);
  });
});

describe('fitted', () => {
  const turns = [user('one'), assistant('1'), user('two'), assistant('2'), user('three')];

  test('everything where there is room', () => {
    expect(fitted(model, turns, 20).dropped).toBe(0);
  });

  test('leaves out the oldest turns, whole, and keeps the system message', () => {
    const whole = fitted(model, turns, 20).ids.length;
    const tight = byteModel({ maxLen: whole + 19 }); // one too few
    const { ids, dropped } = fitted(tight, turns, 20);
    expect(dropped).toBe(2);
    expect(ids).toEqual(fitted(model, turns.slice(2), 20).ids);

    const system: ChatMessage = { role: 'system', content: 'Be kind.' };
    const withSystem = fitted(model, [system, ...turns], 20).ids.length;
    const { ids: kept, dropped: gone } = fitted(byteModel({ maxLen: withSystem + 19 }), [system, ...turns], 20);
    expect(gone).toBe(2);
    expect(kept).toEqual(fitted(model, [system, ...turns.slice(2)], 20).ids);
  });

  test('a message that alone is too long is refused', () => {
    expect(() => fitted(byteModel({ maxLen: 64 }), [user('a'.repeat(60))], 20)).toThrow(/at most 48 tokens/);
  });
});

// --- helpers ---

async function pieces(model: LanguageModel, messages: readonly ChatMessage[], options: AnswerOptions): Promise<string[]> {
  const all: string[] = [];
  for await (const piece of answer(model, messages, options)) all.push(piece);
  return all;
}
