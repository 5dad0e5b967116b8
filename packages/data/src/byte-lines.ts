/** Lines of a file as bytes, in memory that does not grow with the file or with its lines. */
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 1 << 18;

/** Every line without its end (LF or CR LF), valid until the next one is asked for; null for a line of more than `longest` bytes. */
export function* byteLines(file: string, longest: number): Generator<Buffer | null> {
  const descriptor = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK);
    let parts: Buffer[] = [];
    let length = 0;
    for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0 && at < read; at = chunk.indexOf(10, from)) {
        const rest = chunk.subarray(from, at);
        if (length + rest.length > longest) yield null;
        else yield withoutReturn(parts.length === 0 ? rest : Buffer.concat([...parts, rest]));
        [parts, length, from] = [[], 0, at + 1];
      }
      length += read - from;
      if (length > longest) parts = [];
      else if (from < read) parts.push(Buffer.from(chunk.subarray(from, read)));
    }
    if (length > 0) yield length > longest ? null : withoutReturn(Buffer.concat(parts));
  } finally {
    closeSync(descriptor);
  }
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line;
}
