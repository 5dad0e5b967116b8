/** Our side of decode.ts: `node decode-contender.ts <tensorflow | tensorflow-exercise | wasm> <folder>`. Answers {"ids", "together"} lines. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tf, useBackend } from '@llm-ladder/backend';
import { FastDecoder } from '../../packages/llm-train/src/chat/fast-decoder.ts';
import { ExerciseDecoder } from '../../packages/llm-train/src/chat/row-decoder.ts';
import type { LlamaConfig, LlamaWeights } from '../../packages/llm-train/src/llama.ts';

const [name, folder] = process.argv.slice(2) as [string, string];
const [backend, exercise] = name.split('-') as ['tensorflow' | 'wasm', string | undefined];
await useBackend(backend);
const cfg = JSON.parse(readFileSync(join(folder, 'spec.json'), 'utf8')) as LlamaConfig & { readonly shapes: [number, number][] };
const weights = readWeights();
const decoder = exercise ? new ExerciseDecoder(weights, cfg) : new FastDecoder(weights, cfg);
if (!exercise) tf.dispose(weights as unknown as tf.TensorContainer);
say({ ready: `${backend}, ${exercise ? 'prefill and decodeStep of kv-cache.ts' : 'fast-decoder.ts'}` });

const row: number[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const { ids, together } = JSON.parse(line) as { ids: number[]; together: boolean };
  const logits: number[] = [];
  const [started, busy] = [performance.now(), process.cpuUsage()];
  for (const part of together ? [ids] : ids.map((id) => [id])) {
    row.push(...part);
    const next = decoder.next(row);
    const values = next.dataSync(); // all of them, as sampling needs them
    logits.push(values[0]!, values[1000]!, values[cfg.V - 1]!);
    next.dispose();
  }
  const { user, system } = process.cpuUsage(busy);
  say({ logits, ms: performance.now() - started, cpuMs: (user + system) / 1000 });
}

function readWeights(): LlamaWeights {
  const file = openSync(join(folder, 'weights.f32'), 'r');
  const matrices = cfg.shapes.map(([rows, columns]) => {
    const values = new Float32Array(rows * columns);
    readSync(file, new Uint8Array(values.buffer));
    return tf.tensor2d(values, [rows, columns]);
  });
  closeSync(file);
  const next = () => matrices.shift()!;
  const gain = () => tf.ones<tf.Rank.R1>([cfg.D]);
  const embed = next();
  const layers = Array.from({ length: cfg.L }, () => ({
    attnNorm: gain(),
    attn: { Wq: next(), Wk: next(), Wv: next(), Wo: next() },
    ffnNorm: gain(),
    ffn: { w1: next(), w2: next(), w3: next() },
  }));
  return { embed, layers, norm: gain() };
}

function say(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
