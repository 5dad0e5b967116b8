/** The bodies of the frames that a real box sends while it is used. */
import { FrameReader } from '../../src/box/codec.ts';
import { drivers } from '../../src/box/drivers/index.ts';
import { ProcessBox } from '../../src/box/process-box.ts';
import { ensureRuntime } from '../../src/box/runtime.ts';
import type { Box, Program } from '../../src/box/types.ts';
import { limits } from './helpers.ts';

export async function recordFrames(program: Program, use: (box: Box) => Promise<void>): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  const started = drivers.plain.start({ runtime: await ensureRuntime(), backend: 'cpu', memoryMb: limits.memoryMb });
  const reader = new FrameReader((body) => frames.push(body.slice()));
  started.child.stdio[3]!.on('data', (chunk: Buffer) => reader.push(chunk));
  const box = new ProcessBox('plain', started, limits);
  try {
    await box.whenReady(20_000);
    await box.load(program);
    await use(box);
  } finally {
    await box.close();
  }
  return frames;
}
