/** `ladder chat` as its user meets it: a process of its own, without a terminal. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { beforeAll, describe, expect, test } from 'vitest';
import { chatCommand } from '../../src/commands/chat-command.ts';
import { saveModel } from '../../src/model-folder.ts';
import { byteModel } from '../chat/byte-model.ts';

const root = temporaryFolder();
const run = join(root, 'some-run');
beforeAll(async () => {
  await saveModel(join(run, 'model'), byteModel());
  const pretrained = { ...byteModel() };
  delete (pretrained as { chatTemplate?: string }).chatTemplate;
  await saveModel(join(root, 'pretrained'), pretrained);
  mkdirSync(join(root, 'empty'));
});

describe('ladder chat', () => {
  test('answers lines from stdin and ends with 0; the same seed says the same, another something else', () => {
    const ask = (seed: string) => chat([join(run, 'model')], { seed, temp: '1.5', maxNew: '8' }, 'Hello\nAnd you?\n');
    const [first, again, other] = [ask('5'), ask('5'), ask('6')];
    expect(first.status).toBe(0);
    expect(first.stderr).toBe('');
    expect(first.stdout.length).toBeGreaterThan(3);
    expect(again.stdout).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
  });

  test("the exercise's own functions say the same as the fast way", () => {
    const options = { maxNew: '12', temp: '1.5', seed: '5' };
    const fast = chat([run], options, 'Hello\n');
    const mine = chat([], { ...options, model: run }, 'Hello\n', { parts: [] });
    expect(mine.stdout).toBe(fast.stdout);
    expect(mine.stdout.length).toBeGreaterThan(3);
  });

  test('without a name it is the last run', () => {
    mkdirSync(join(root, '.ladder', 'runs'), { recursive: true });
    const options = { maxNew: '4', temp: '1.5', seed: '5' };
    expect(chat([], options, 'x\n').stderr).toMatch(/expected a model, or a finished run, got neither\nladder train/);
    writeFileSync(join(root, '.ladder', 'runs', 'last'), `${run}\n`);
    expect(chat([], options, 'x\n').stdout).toBe(chat([run], options, 'x\n').stdout);
  });

  test.each([
    [{ temp: '-1' }, /chat: --temp: expected a number from 0, got "-1"/],
    [{ topP: '0' }, /chat: --top-p: expected a number above 0 and up to 1, got "0"/],
    [{ topK: '1.5' }, /chat: --top-k: expected a whole number from 0, got "1.5"/],
    [{ maxNew: 'many' }, /chat: --max-new: expected a whole number from 1, got "many"/],
    [{ seed: '' }, /chat: --seed: expected a whole number from 0, got ""/],
    [{ model: 'elsewhere' }, /expected one model, got .* and --model elsewhere/],
  ])('refuses %j in one line', async (options, message) => {
    await expect(refusal([run], options)).resolves.toMatch(message);
  });

  test('refuses what is no model, and a model that nobody taught to answer, in both languages', async () => {
    expect(await refusal([join(root, 'nowhere')])).toMatch(/nothing at/);
    expect(await refusal([join(root, 'empty')])).toMatch(/config\.json/);
    expect(await refusal([join(root, 'pretrained')])).toMatch(/expected a model with a chat template.*only pretrained\nladder train/);
    expect(await refusal([join(root, 'pretrained')], {}, 'zh')).toMatch(/应为带对话模板的模型，实为 .*它只做过预训练\nladder train/);
  });

  test('a damaged file is named', async () => {
    const damaged = join(root, 'damaged');
    cpSync(join(run, 'model'), damaged, { recursive: true });
    writeFileSync(join(damaged, 'config.json'), '{');
    expect(await refusal([damaged])).toMatch(/config\.json/);
  });
});

// --- helpers ---

/** The message and the hint of what the command throws before it reads anything. */
async function refusal(args: readonly string[], options: Readonly<Record<string, string>> = {}, lang: 'en' | 'zh' = 'en'): Promise<string> {
  const reference = () => Promise.reject(new Error('not asked for'));
  const context = { root, lang, say: (words: { en: string; zh: string }) => words[lang], backend: 'wasm', reference } as const;
  const error: unknown = await chatCommand(args, options, context).then(
    () => 'nothing was refused',
    (error) => error,
  );
  if (!UsageError.isInstance(error)) return String(error);
  const { message, hint } = (lang === 'zh' && error.zh) || error;
  return `${message}\n${hint}`;
}

interface Setting {
  readonly lang?: 'en' | 'zh';
  readonly parts?: readonly unknown[];
}

/** Runs the command as `ladder` does: what it throws is one line and a hint, exit code 2. */
function chat(args: readonly string[], options: Readonly<Record<string, string>>, stdin: string, { lang = 'en', parts }: Setting = {}) {
  const script = `
    const { chatCommand } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/commands/chat-command.ts'))});
    const [args, options, context] = JSON.parse(process.argv[1]);
    try {
      process.exitCode = await chatCommand(args, options, { ...context, say: (words) => words[context.lang] });
    } catch (error) {
      if (error.code !== 'usage') throw error;
      process.stderr.write([error.message, error.hint].join('\\n'));
      process.exitCode = 2;
    }`;
  const words = JSON.stringify([args, options, { root, lang, backend: 'wasm', ...(parts && { parts }) }]);
  const flags = ['--no-warnings', '--input-type=module-typescript', '-e', script, words];
  return spawnSync(process.execPath, flags, { input: stdin, encoding: 'utf8', cwd: import.meta.dirname });
}
