/** A conversation over two streams: lines in, answers out; keys in a terminal. */
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { answerLines, type Talk, talkInTerminal } from '../../src/chat/talk.ts';
import { byteModel, bytes, IM_END, Scripted } from './byte-model.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

describe('answerLines', () => {
  test('one answer a line, blank lines are none, and earlier turns are remembered', async () => {
    const { talk, decoder, written } = started([...bytes('yes'), IM_END, ...bytes('no'), IM_END]);
    (talk.input as PassThrough).end('Is it?\r\n\n  \nIs it not?');
    await answerLines(talk);
    expect(written.output()).toBe('yes\nno\n');
    expect(talk.model.tokenizer.decode(decoder.rows.at(-1)!)).toContain('user\nIs it?<|im_end|>\n<|im_start|>assistant\nyes<|im_end|>');
  });

  test('control characters of an answer do not reach the terminal', async () => {
    const { talk, written } = started([...bytes('a\u001b[2Jb\tc\r\u0007好'), IM_END]);
    (talk.input as PassThrough).end('x\n');
    await answerLines(talk);
    expect(written.output()).toBe('a[2Jb\tc好\n');
  });

  test('no input, no answer', async () => {
    const { talk, written } = started([IM_END]);
    (talk.input as PassThrough).end();
    await answerLines(talk);
    expect(written.output()).toBe('');
  });

  test('says once that turns are left out', async () => {
    const ok = [...bytes('ok'), IM_END];
    const { talk, written } = started([...ok, ...ok, ...ok, ...ok], 70);
    (talk.input as PassThrough).end('first\nsecond\nthird\nfourth\n');
    await answerLines(talk);
    expect(written.output()).toBe('ok\nok\nok\nok\n');
    expect(written.notices().match(/oldest turns/g)).toHaveLength(1);
  });
});

describe('talkInTerminal', () => {
  test('prompts, answers, and ends with Ctrl-D on an empty line', async () => {
    const { talk, written } = started([...bytes('hello'), IM_END]);
    const done = talkInTerminal(talk);
    await type(talk, 'hi\r');
    await until(() => written.output().includes('hello'));
    await type(talk, CTRL_D);
    await done;
    expect(written.output()).toMatch(/> .*hello\n\n/s);
  });

  test('Ctrl-C stops an answer, and what came of it is remembered; a second one leaves', async () => {
    const { talk, decoder, written } = started(bytes('a'), 4000);
    const done = talkInTerminal(talk);
    await type(talk, 'go\r');
    await until(() => /aaa/.test(written.output()));
    await type(talk, CTRL_C);
    await until(() => written.output().includes('(stopped)'));
    const rows = decoder.rows.length;
    await setTimeout(20);
    expect(decoder.rows).toHaveLength(rows);
    await type(talk, 'more\r');
    await until(() => decoder.rows.length > rows + 2);
    expect(talk.model.tokenizer.decode(decoder.rows.at(-1)!)).toMatch(/assistant\na+<\|im_end\|>\n<\|im_start\|>user\nmore/);
    await type(talk, CTRL_C + CTRL_C);
    await done;
  });

  test('Ctrl-C empties a line that was begun, and leaves on an empty one', async () => {
    const { talk, decoder } = started([...bytes('ok'), IM_END]);
    const done = talkInTerminal(talk);
    await type(talk, `half a line${CTRL_C}`);
    await type(talk, 'x\r');
    await until(() => decoder.rows.length >= 3);
    expect(talk.model.tokenizer.decode(decoder.rows[0]!)).toContain('user\nx<|im_end|>');
    await setTimeout(5);
    await type(talk, CTRL_C);
    await done;
  });

  test('a message that is too long is said, and the conversation goes on', async () => {
    const { talk, written } = started([...bytes('ok'), IM_END], 64);
    const done = talkInTerminal(talk);
    await type(talk, `${'long '.repeat(20)}\r`);
    await until(() => written.notices().includes('at most 48 tokens'));
    await type(talk, 'x\r');
    await until(() => written.output().includes('ok'));
    await type(talk, CTRL_D);
    await done;
  });
});

// --- helpers ---

function started(ids: readonly number[], maxLen = 600) {
  const model = byteModel({ maxLen });
  const decoder = new Scripted(ids, model.cfg.V);
  const [output, notices] = [collected(), collected()];
  const talk: Talk = {
    model,
    options: { rng: () => 0.5, decoder, maxNew: maxLen > 1000 ? 3000 : 40 },
    input: new PassThrough(),
    output: output.stream,
    notices: notices.stream,
    say: ({ en }) => en,
  };
  return { talk, decoder, written: { output: output.text, notices: notices.text } };
}

function collected(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { stream, text: () => text };
}

/** Types into the terminal and lets the keys arrive. */
async function type(talk: Talk, keys: string): Promise<void> {
  await setTimeout(2);
  (talk.input as PassThrough).write(keys);
  await setTimeout(2);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(2);
}
