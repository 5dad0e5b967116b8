/** What a box may send: whatever it is, the grader gets a checked message or a FrameError, and never needs much memory for it. */
import { beforeAll, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, FrameError } from '../../src/box/codec.ts';
import { FrameReader } from '../../src/box/frame-reader.ts';
import { Handle, TensorValue, type Value } from '../../src/box/index.ts';
import { type FromBox, parseFromBox } from '../../src/box/protocol.ts';
import { visibleResults } from '../../src/box/visible-results.ts';
import { programOf } from '../box/helpers.ts';
import { recordFrames } from '../box/record.ts';
import { drawFrom, mutate, rounds, seed } from './mutate.ts';

const stats = { tensorsKept: 1, bytesKept: 4, kernels: { MatMul: 2 }, inputsChanged: false };
const error = { name: 'TypeError', code: 'E', message: '大模型', hint: null, at: 'a.ts:1', stack: null };
const values: Value[] = [
  [1, -1, 1.5, 2 ** 40, 'text', null, true, undefined],
  { a: { b: [new Map<Value, Value>([[1, new Set(['x'])]])] } },
  new TensorValue('float32', [2, 3], new Float32Array(6)),
  new Handle(3, ['step', 'call'], 'Trainer', { lr: 0.1 }),
  [10n ** 30n, new Float64Array(3), new Uint8Array(5)],
];
const messages: FromBox[] = [
  ['ready', 'wasm'],
  ...values.map((value): FromBox => ['done', 1, value, false, stats]),
  ['error', 2, 'threw', error],
  ['callback', 1, 2, values],
  ['fault', error],
  [
    'done',
    3,
    [{ file: 'a.test.ts', name: 'x', status: 'passed', message: null, notWritten: false, at: null, durationMs: 1 }],
    false,
    stats,
  ],
];
let frames: Uint8Array[] = [];

beforeAll(async () => {
  const source = `import { tf } from '@llm-ladder/backend';
export class Layer { w = tf.ones([2, 2]); step(x: number): number { return x + 1; } }
export const many = (n: number) => ({ list: Array.from({ length: n }, (_, i) => i / 3), map: new Map([['a', [1n]]]), layer: new Layer() });
export const fails = (): never => { throw new RangeError('no'); };
export const asks = async (f: (x: number) => Promise<number>): Promise<number> => (await f(1)) + (await f(2));`;
  const recorded = await recordFrames(programOf(source), async (box) => {
    await box.call({ export: 'many' }, [20]);
    await box.call({ export: 'fails' }, []).catch(() => {});
    await box.call({ export: 'asks' }, [async (x: Value) => x]);
  });
  expect(recorded.length).toBeGreaterThanOrEqual(6);
  frames = [...recorded, ...messages.map((message) => encodeFrame(message).subarray(4))];
  for (const frame of frames) parseFromBox(decodeFrame(frame));
});

/** What the grader does with a frame, up to where the judge takes over. */
function take(frame: Uint8Array): 'taken' | 'refused' {
  try {
    const message = parseFromBox(decodeFrame(frame));
    if (message[0] === 'done') visibleResults(message[2]);
    return 'taken';
  } catch (thrown) {
    if (thrown instanceof FrameError) return 'refused';
    throw thrown;
  }
}

test('a changed frame is a message or a FrameError', async () => {
  const seen = { taken: 0, refused: 0 };
  const before = process.memoryUsage().rss;
  let highest = before;
  await rounds('frames', (draw) => {
    seen[take(mutate(frames[draw(frames.length)]!, frames, draw))]++;
    if (draw(100) === 0) highest = Math.max(highest, process.memoryUsage().rss);
  });
  // Both happen, or the changes are too small or too great to find anything.
  expect(seen.taken).toBeGreaterThan(10);
  expect(seen.refused).toBeGreaterThan(10);
  expect((highest - before) / 2 ** 20).toBeLessThan(600);
}, 600_000);

test('a changed stream, cut anywhere, is frames or a FrameError', async () => {
  const streams = frames.map((frame) => Uint8Array.from([0, 0, frame.length >> 8, frame.length & 255, ...frame]));
  await rounds('streams', (draw) => {
    const stream = mutate(Uint8Array.from(Array.from({ length: 4 }, () => [...streams[draw(streams.length)]!]).flat()), streams, draw);
    const reader = new FrameReader((body) => void take(body));
    try {
      for (let at = 0; at < stream.length; ) {
        const size = 1 + draw(draw(2) === 0 ? 8 : 4096);
        reader.push(stream.subarray(at, at + size));
        at += size;
      }
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(FrameError);
    }
  });
}, 600_000);

test('the same seed makes the same changes', () => {
  const drawn = (): Uint8Array[] => {
    const draw = drawFrom(seed);
    return frames.slice(0, 5).map((frame) => mutate(frame, frames, draw));
  };
  expect(drawn()).toEqual(drawn());
});
