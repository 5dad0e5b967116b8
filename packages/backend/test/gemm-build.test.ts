import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildGemm, generatedFile } from '../scripts/build-gemm.mjs';
import { plainSimd, relaxedSimd } from '../src/gemm/generated/gemm-wasm.ts';
import { instantiate, type Memory } from '../src/gemm/module.ts';
import { numbers } from './gemm-oracle.ts';

const engine = (globalThis as unknown as { WebAssembly: { Memory: new (size: { initial: number; maximum: number }) => Memory } })
  .WebAssembly;

test('the committed WebAssembly is what the committed source compiles to', async () => {
  expect(await buildGemm()).toBe(readFileSync(generatedFile, 'utf8'));
});

test.each([
  ['relaxed-simd', relaxedSimd],
  ['simd', plainSimd],
])('the %s build is small and has no data of its own to put into the heap of TF.js', (_name, base64) => {
  const bytes = Buffer.from(base64, 'base64');
  expect(bytes.length).toBeLessThan(12_000); // every box compiles it at its start
  const sections: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    sections.push(bytes[at++]!);
    let [length, shift] = [0, 0];
    for (let more = true; more; shift += 7) {
      length |= (bytes[at]! & 127) << shift;
      more = bytes[at++]! > 127;
    }
    at += length;
  }
  expect(sections).toContain(10); // code
  for (const forbidden of [5 /* memory */, 6 /* globals */, 8 /* start */, 11 /* data */]) expect(sections).not.toContain(forbidden);
});

test('a product reads and writes inside its operands, output and scratch only', () => {
  const memory = new engine.Memory({ initial: 64, maximum: 65_536 });
  const floats = new Float32Array(memory.buffer as ArrayBuffer);
  const { gemm, scratchBytes } = instantiate(memory)!;
  const guard = 16;
  for (const [m, n, k] of [
    [1, 1, 1],
    [3, 5, 7],
    [4, 8, 4],
    [5, 9, 2],
    [1, 13, 5],
    [13, 1, 5],
    [66, 515, 258],
    [8, 21, 6],
  ] as const) {
    floats.fill(Number.NaN); // an operand's neighbour that is read and used shows as NaN in the output
    const a = guard;
    const b = a + m * k + guard;
    const out = b + k * n + guard;
    const scratch = out + m * n + guard;
    const end = scratch + scratchBytes(m, n, k) / 4;
    floats.set(numbers(m * k, 1), a);
    floats.set(numbers(k * n, 2), b);
    gemm(1, m, n, k, 4 * a, 0, k, 1, 4 * b, 0, n, 1, 4 * out, 4 * scratch);
    expect(floats.subarray(out, out + m * n).every(Number.isFinite)).toBe(true);
    for (const from of [0, a + m * k, b + k * n, out + m * n, end])
      expect(floats.subarray(from, from + guard).every(Number.isNaN)).toBe(true);
  }
});
