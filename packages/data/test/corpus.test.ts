/** The stories and conversations that we make ourselves: repeatable, clean, varied, and right. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Dialogue, dialogues } from '../src/corpus/dialogues.ts';
import { Dice, expand } from '../src/corpus/phrases.ts';
import { plots, type Story, stories } from '../src/corpus/stories.ts';
import type { Plot } from '../src/corpus/stories-en.ts';
import { chinesePlots } from '../src/corpus/stories-zh.ts';

const MEGABYTE = 1e6;
const some: Story[] = [...stories(1, MEGABYTE)];
const texts = some.map(({ text }) => text);
const talks: Dialogue[] = [...dialogues(1, 4000)];

describe('expand', () => {
  test('takes one choice at each fork, nested and empty ones too', () => {
    const dice = new Dice(3);
    const seen = new Set(Array.from({ length: 200 }, () => expand('{Who} [runs|walks[ slowly|]].', { who: 'tom' }, dice)));
    expect([...seen].sort()).toEqual(['Tom runs.', 'Tom walks slowly.', 'Tom walks.']);
  });

  test('names what does not fit', () => {
    expect(() => expand('{who} runs', {}, new Dice(1))).toThrow('expand: expected a scene with {who}, got "{who} runs"');
    for (const wrong of ['[a|b', 'a]']) expect(() => expand(wrong, {}, new Dice(1))).toThrow('brackets that match');
  });
});

describe('stories', () => {
  test('the same seed gives the same stories, another seed others', () => {
    expect([...stories(7, 20_000)]).toEqual([...stories(7, 20_000)]);
    expect([...stories(8, 20_000)][0]?.text).not.toBe([...stories(7, 20_000)][0]?.text);
  });

  test('as many bytes as asked for, both languages in turn, every plot in both', () => {
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(bytes).toBeGreaterThanOrEqual(MEGABYTE);
    expect(bytes).toBeLessThan(MEGABYTE + 3000);
    expect(some.slice(0, 4).map(({ language }) => language)).toEqual(['en', 'zh', 'en', 'zh']);
    for (const language of ['en', 'zh']) {
      expect(new Set(some.filter((story) => story.language === language).map(({ plot }) => plot))).toEqual(new Set(plots));
    }
    expect(Object.keys(chinesePlots).sort()).toEqual([...plots].sort());
  });

  test('no story is told twice in a megabyte, and a third of it is news to gzip', () => {
    expect(new Set(texts).size).toBe(texts.length);
    const all = Buffer.from(texts.join('\n'));
    expect(gzipSync(all).length / all.length).toBeGreaterThan(0.15);
    const once = Buffer.from(`${texts[0]}\n`.repeat(2000)); // control: one story over and over
    expect(gzipSync(once).length / once.length).toBeLessThan(0.02);
  });

  test('sentences are clean: no empty slots, doubled marks, wrong articles or spaces', () => {
    const slips =
      /[{}[\]|]|undefined| {2}| [,.!?]|[?!],|[,.]{2}|[？！。]，|[？！]。|，，|。。|\b[Aa] [aeiou]|\b[Aa]n [^aeiou]|[\u4e00-\u9fff] |“”|""/;
    const found = texts.flatMap((text) => slips.exec(text)?.[0] ?? []);
    expect(found).toEqual([]);
    expect(slips.test('He saw a apple.')).toBe(true); // control
    expect(slips.test('“怎么办？。”')).toBe(true);
  });

  test('pronouns follow the hero', () => {
    for (const { text, scene } of some.filter(({ language, plot }) => language === 'en' && plot === ('grown' as Plot))) {
      const wrong = scene.he === 'she' ? /\b(he|his|him)\b/i : /\b(she|her)\b/i;
      expect(text).not.toMatch(wrong);
    }
  });

  test('a size that is no size is refused', () => {
    expect(() => stories(1, 0).next()).toThrow('stories: expected a number of bytes above 0, got 0');
  });
});

describe('dialogues', () => {
  test('the same seed gives the same conversations, and turns alternate', () => {
    expect([...dialogues(5, 50)]).toEqual([...dialogues(5, 50)]);
    for (const talk of talks) {
      expect(talk.length % 2).toBe(0);
      talk.forEach(({ role, content }, i) => {
        expect(role).toBe(i % 2 === 0 ? 'user' : 'assistant');
        expect(content.trim()).toBe(content);
        expect(content).not.toBe('');
      });
    }
  });

  test('answers about a story stand in the story', () => {
    const colour = /What colour is the ([\w ]+)\?$/;
    let checked = 0;
    for (const [asked, answered] of talks) {
      const thing = colour.exec(asked!.content)?.[1];
      if (thing === undefined || !asked!.content.includes('\n')) continue;
      const said = /is (\w+)\.$/.exec(answered!.content)?.[1];
      expect(asked!.content).toMatch(new RegExp(`${said} ${thing}`));
      checked += 1;
    }
    expect(checked).toBeGreaterThan(20);
  });

  test('sums are right', () => {
    let checked = 0;
    for (const { role, content } of talks.flat()) {
      const sum = /^(\d+) ([+-]) (\d+) = (\d+)[.。]$/.exec(content);
      if (role !== 'assistant' || sum === null) continue;
      const [, a, sign, b, result] = sum;
      expect(Number(a) + (sign === '+' ? 1 : -1) * Number(b)).toBe(Number(result));
      checked += 1;
    }
    expect(checked).toBeGreaterThan(50);
  });

  test('a count that is no count is refused', () => {
    expect(() => dialogues(1, 2.5).next()).toThrow('dialogues: expected a whole number above 0, got 2.5');
  });
});
