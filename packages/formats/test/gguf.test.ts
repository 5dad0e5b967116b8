import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from '@llm-ladder/backend/errors';
import { describe, expect, test } from 'vitest';
import { openGguf } from '../src/gguf.ts';
import { GgufKeys, ggufChat, ggufTokenizer } from '../src/gguf-keys.ts';
import { fixture, temporaryFolder } from './fixtures.ts';

const tiny = fixture('tiny.gguf');
const bytes = fs.readFileSync(tiny);
const temporary = temporaryFolder();

describe('ggufTokenizer and ggufChat', () => {
  test('say what the keys say', async () => {
    const file = await openGguf(tiny);
    await file.close();
    const keys = new GgufKeys(file.header, tiny);
    const { vocab, merges, special, singleDigits } = ggufTokenizer(keys);
    expect([vocab.size, merges.length > 0, special, singleDigits]).toEqual([
      230,
      true,
      ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'],
      true,
    ]);
    const { tokens, chatTemplate } = ggufChat(keys, vocab.size);
    expect(tokens).toEqual({ bos: 1, pad: 2, eos: [4, 2] });
    expect(chatTemplate).toContain('<|im_start|>');
    expect(() => ggufChat(keys, 4)).toThrow('tokenizer.ggml.eos_token_id: an id below 4');
    expect(() => keys.whole('general.architecture')).toThrow('general.architecture: a whole number of 1 or more, got "llama"');
    expect(() => keys.mustBe('general.architecture', ['bert', undefined])).toThrow('general.architecture: bert or none, got "llama"');
  });
});

describe('openGguf', () => {
  const write = (name: string, content: Uint8Array) => {
    const file = path.join(temporary, name);
    fs.writeFileSync(file, content);
    return file;
  };
  /** The file with some bytes changed at a place that is found by the text before it. */
  const patched = (after: string, offset: number, change: (view: DataView, at: number) => void) => {
    const copy = new Uint8Array(bytes);
    const at = after === '' ? offset : bytes.indexOf(after) + after.length + offset;
    change(new DataView(copy.buffer), at);
    return copy;
  };
  const u32 = (value: number) => (view: DataView, at: number) => view.setUint32(at, value, true);
  const u64 = (value: bigint) => (view: DataView, at: number) => view.setBigUint64(at, value, true);
  const huge = 2n ** 62n;

  // A tensor's entry: name, dimensions (u32), lengths (u64 each), type (u32), offset (u64).
  test.each<[what: string, content: Uint8Array, says: string]>([
    ['no bytes', new Uint8Array(0), 'expected a GGUF file, got "0 bytes"'],
    ['another format', new Uint8Array(64).fill(80), 'expected a GGUF file, got "PPPP"'],
    ['version 1', patched('', 4, u32(1)), 'expected GGUF version 2 or 3, got 1'],
    ['too many tensors', patched('', 8, u64(huge)), 'bytes that are left at 16, got'],
    ['too many keys', patched('', 16, u64(huge)), 'bytes that are left at 24, got'],
    ['a key longer than the file', patched('', 24, u64(huge)), 'bytes that are left at 32, got'],
    ['a value of no type', patched('general.architecture', 0, u32(77)), 'a known type of "general.architecture", got 77'],
    [
      'a list longer than the file',
      patched('tokenizer.ggml.tokens', 8, u64(10n ** 12n)),
      'of 1000000000000 items of "tokenizer.ggml.tokens"',
    ],
    ['9 dimensions', patched('blk.0.attn_norm.weight', 0, u32(9)), '1 to 4 dimensions of "blk.0.attn_norm.weight", got 9'],
    [
      'a length that cannot be counted',
      patched('blk.0.attn_norm.weight', 4, u64(huge)),
      'a shape of "blk.0.attn_norm.weight" that can be counted',
    ],
    ['a length that is too long', patched('blk.0.attn_norm.weight', 4, u64(10n ** 12n)), 'blk.0.attn_norm.weight to end within'],
    ['a kind that is not read', patched('blk.0.attn_norm.weight', 12, u32(12)), 'as one of F32, F16, Q4_0, Q4_1, Q8_0, BF16, got Q4_K'],
    [
      'an offset behind the end',
      patched('blk.0.attn_norm.weight', 16, u64(10n ** 9n * 32n)),
      'blk.0.attn_norm.weight at a multiple of 32 within',
    ],
    ['an odd offset', patched('blk.0.attn_norm.weight', 16, u64(7n)), 'blk.0.attn_norm.weight at a multiple of 32 within'],
    ['rows that are no blocks', patched('blk.0.attn_q.weight', 4, u64(63n)), 'blk.0.attn_q.weight in rows of 32 numbers'],
    ['a cut header', bytes.subarray(0, 3000), 'bytes that are left at'],
    ['cut data', bytes.subarray(0, bytes.length - 40), 'to end within'],
  ])('refuses %s in one line', async (_, content, says) => {
    const error = await openGguf(write('lies.gguf', content)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(says);
  });

  test('a list of more items than any vocabulary has is refused, even where the file has the bytes', async () => {
    const lies = patched('tokenizer.ggml.tokens', 4, (view, at) => {
      view.setUint32(at, 0, true); // bytes
      view.setBigUint64(at + 4, 2n ** 25n, true);
    });
    const file = write('long.gguf', lies);
    fs.truncateSync(file, 2 ** 26); // a hole: the disk holds nothing of it
    await expect(openGguf(file)).rejects.toThrow('expected at most 16777216 items of "tokenizer.ggml.tokens", got 33554432');
  });

  test('whatever byte of the header is changed, it opens or is refused, and takes no memory for it', async () => {
    const headerSize = bytes.indexOf('output.weight') + 40;
    let state = 20261124;
    const random = (below: number) => {
      state = (state * 48271) % 2147483647;
      return state % below;
    };
    for (let i = 0; i < 200; i++) {
      const copy = new Uint8Array(bytes);
      for (let changes = 0; changes < 3; changes++) copy[random(headerSize)] = random(256);
      const before = process.memoryUsage();
      const file = await openGguf(write('fuzzed.gguf', copy)).catch((caught: unknown) => caught);
      if (file instanceof Error) expect(file, `case ${i}`).toBeInstanceOf(UsageError);
      else await (file as Awaited<ReturnType<typeof openGguf>>).close();
      const after = process.memoryUsage();
      expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed, `case ${i}`).toBeLessThan(50e6);
    }
  });

  test('a tensor behind 2^31 + 8 bytes of another', async () => {
    const length = 2 ** 29 + 2;
    const text = (value: string) => Buffer.concat([number64(value.length), Buffer.from(value)]);
    const number32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
    const number64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
    const tensor = (name: string, size: number, offset: number) => [text(name), number32(1), number64(size), number32(0), number64(offset)];
    const second = Math.ceil((4 * length) / 32) * 32;
    const header = Buffer.concat([
      Buffer.from('GGUF'),
      number32(3),
      number64(2),
      number64(0),
      ...tensor('a', length, 0),
      ...tensor('b', 2, second), // biome-ignore format: as the file has it
    ]);
    const start = Math.ceil(header.length / 32) * 32;
    const file = write('large.gguf', header);
    const descriptor = fs.openSync(file, 'r+');
    fs.writeSync(descriptor, Float32Array.of(3, 4), 0, 8, start + second); // behind a hole
    fs.closeSync(descriptor);
    const opened = await openGguf(file);
    expect([...(await opened.read('b'))]).toEqual([3, 4]);
    await opened.close();
    fs.truncateSync(file, start + 4 * length - 4);
    await expect(openGguf(file)).rejects.toThrow(/within \d+ bytes/);
  });
});
