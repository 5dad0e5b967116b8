/** A file of named tensors, whatever its format: what both readers give, and the reading of bytes that they share. */
import type { FileHandle } from 'node:fs/promises';
import { UsageError } from '@llm-ladder/backend/errors';

export interface TensorFile {
  /** The path, for messages. */
  readonly source: string;
  /** Row-major: the last dimension is the one whose neighbours lie side by side. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The numbers of one tensor as float32. Throws UsageError for a name that is not there and for a kind of number that is not read. */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

const PIECE = 1 << 28; // one read call takes at most 2 GiB

/** `length` bytes from `from` on. Throws UsageError if the file ends before. */
export async function readBytes(handle: FileHandle, source: string, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(PIECE, length - at), from + at);
    if (bytesRead === 0) throw new UsageError(source, `${length} bytes from ${from} on`, `${at}: the file was cut while it was read`);
    at += bytesRead;
  }
  return bytes;
}
