/** The bodies of the frames that a real box sends while it is used. */
import type { Socket } from 'node:net';
import { drivers } from '../../src/box/drivers/index.ts';
import { FrameReader } from '../../src/box/frame-reader.ts';
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

/** A real box, and everything that is written to it from now on. */
export async function tappedBox(program: Program): Promise<{ box: Box; sent: () => string }> {
  const pieces: Buffer[] = [];
  const started = drivers.plain.start({ runtime: await ensureRuntime(), backend: 'cpu', memoryMb: limits.memoryMb });
  const socket = started.child.stdio[3] as Socket;
  const write = socket.write.bind(socket) as (bytes: Uint8Array) => boolean;
  socket.write = (bytes: Uint8Array | string): boolean => {
    pieces.push(Buffer.from(bytes as Uint8Array));
    return write(bytes as Uint8Array);
  };
  const box = new ProcessBox('plain', started, limits);
  await box.whenReady(20_000);
  await box.load(program);
  return { box, sent: () => Buffer.concat(pieces).toString('latin1') };
}
