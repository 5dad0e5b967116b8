import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { openFolderWeights, readFolderChat, readFolderJson, readFolderText, writeModelFolder } from '../src/hf-folder.ts';
import { fixture, temporaryFolder } from './fixtures.ts';

const temporary = temporaryFolder();

/** A folder of one tensor with these numbers. */
const content = (...numbers: number[]) => ({
  files: { 'config.json': { first: numbers[0]! }, 'notes.jinja': `of ${numbers}` },
  tensors: [{ name: 'a', shape: [numbers.length], data: async () => Float32Array.from(numbers) }],
});

async function numbersIn(folder: string): Promise<number[]> {
  const file = await openFolderWeights(folder);
  const numbers = [...(await file.read('a'))];
  await file.close();
  return numbers;
}

/** A copy of the sharded fixture with another list of shards. */
function sharded(map: unknown): string {
  const folder = fs.mkdtempSync(path.join(temporary, 'sharded-'));
  fs.cpSync(fixture('sharded'), folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  return folder;
}

describe('writeModelFolder', () => {
  test('what was written is read again', async () => {
    const folder = path.join(temporary, 'new', 'deep');
    await writeModelFolder(folder, content(1, 2.5));
    expect(await numbersIn(folder)).toEqual([1, 2.5]);
    expect(await readFolderJson(folder, 'config.json')).toEqual({ first: 1 });
    expect(await readFolderText(folder, 'notes.jinja')).toBe('of 1,2.5');
    expect(fs.readdirSync(folder).sort()).toEqual(['config.json', 'model.safetensors', 'notes.jinja']);
  });

  test("leaves other files alone, and finishes or forgets another's broken save", async () => {
    const folder = path.join(temporary, 'broken');
    await writeModelFolder(folder, content(1));
    fs.writeFileSync(path.join(folder, 'notes.txt'), 'mine');

    // The power went while the files were written: the old model counts.
    fs.mkdirSync(path.join(folder, '.saving'));
    fs.writeFileSync(path.join(folder, '.saving', 'config.json'), '{ half a');
    expect(await numbersIn(folder)).toEqual([1]);

    // The power went while they moved up: the new one counts, wherever each file is.
    await writeModelFolder(path.join(temporary, 'other'), content(2));
    fs.cpSync(path.join(temporary, 'other'), path.join(folder, '.saved'), { recursive: true });
    fs.renameSync(path.join(folder, '.saved', 'config.json'), path.join(folder, 'config.json'));
    expect(await numbersIn(folder)).toEqual([2]);
    expect(await readFolderJson(folder, 'config.json')).toEqual({ first: 2 });

    await writeModelFolder(folder, content(3));
    expect(await numbersIn(folder)).toEqual([3]);
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(fs.readFileSync(path.join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('a tensor that fails on the way leaves the old model', async () => {
    const folder = path.join(temporary, 'failing');
    await writeModelFolder(folder, content(1));
    const wrong = { ...content(2), tensors: [{ name: 'a', shape: [2], data: async () => new Float32Array(1) }] };
    await expect(writeModelFolder(folder, wrong)).rejects.toThrow('2 numbers of a, got 1');
    expect([await numbersIn(folder), await readFolderJson(folder, 'config.json')]).toEqual([[1], { first: 1 }]);
    expect(fs.existsSync(path.join(folder, '.saving'))).toBe(false);
  });

  test('a file in the place of the folder is refused, and stays', async () => {
    const file = path.join(temporary, 'a-file');
    fs.writeFileSync(file, 'mine');
    await expect(writeModelFolder(file, content(1), 'saveModel')).rejects.toThrow(
      `saveModel: expected a folder that can be written at ${file}`,
    );
    expect(fs.readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('openFolderWeights', () => {
  test('shards are one file, and each tensor comes from the shard that has it', async () => {
    const file = await openFolderWeights(fixture('sharded'));
    const names = Object.keys(
      JSON.parse(fs.readFileSync(path.join(fixture('sharded'), 'model.safetensors.index.json'), 'utf8')).weight_map,
    );
    expect([...file.shapes.keys()].sort()).toEqual(names.sort());
    for (const [name, shape] of file.shapes)
      expect((await file.read(name)).length, name).toBe(shape.reduce((product, length) => product * length, 1));
    await file.close();
  });

  test('says what is missing, and never leaves the folder', async () => {
    fs.mkdirSync(path.join(temporary, 'empty'));
    await expect(openFolderWeights(path.join(temporary, 'empty'))).rejects.toThrow('a Hugging Face model folder with model.safetensors');
    await expect(openFolderWeights(sharded({ x: '../x.safetensors' }))).rejects.toThrow(
      'names of .safetensors files of this folder, got "../x.safetensors"',
    );
    await expect(openFolderWeights(sharded({ x: 'lost.safetensors' }))).rejects.toThrow(
      'lost.safetensors, which it lists, got no such file',
    );
  });
});

describe('readFolderChat and readFolderJson', () => {
  test("special ids, sampling and the template of Hugging Face's folder", async () => {
    const vocab = new Map(['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'].map((token, id) => [token, id]));
    const { tokens, chatTemplate } = await readFolderChat(fixture('digits'), vocab);
    expect(tokens).toEqual({ bos: 1, pad: 2, eos: [4] });
    expect(chatTemplate).toBe(fs.readFileSync(path.join(fixture('digits'), 'chat_template.jinja'), 'utf8'));
    expect((await readFolderChat(fixture('sharded'), vocab)).chatTemplate).toBeUndefined();
  });

  test('one line for what is no object or not there', async () => {
    const folder = path.join(temporary, 'odd');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'list.json'), '[1]');
    await expect(readFolderJson(folder, 'list.json')).rejects.toThrow('list.json: expected a JSON object, got "[1]"');
    const error = await readFolderJson(folder, 'config.json').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toBe(`${folder}: expected a Hugging Face model folder with config.json, got no such file`);
    expect(await readFolderJson(folder, 'config.json', {})).toEqual({});
  });
});
