/** Reads a ZIP file (a Python wheel is one): Node has none. PKWARE APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16; no encryption, no ZIP64. */
import { inflateRawSync } from 'node:zlib';
import { UsageError } from '@llm-ladder/backend/errors';

const END = 0x06054b50;
const ENTRY = 0x02014b50;

/** The files whose names `wanted` takes, one after the other. UsageError for bytes that are no such archive. */
export function* unzip(bytes: Buffer, wanted: (name: string) => boolean): Generator<{ name: string; content: Buffer }> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > bytes.length || bytes.readUInt32LE(end) !== END) throw damaged('no end of a directory');
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== ENTRY) throw damaged(`no entry ${i + 1} of ${count}`);
    const method = bytes.readUInt16LE(at + 10);
    const packed = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    if (!wanted(name)) continue;
    if (local + 30 > bytes.length) throw damaged(`no room for ${name}`);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + packed);
    if (data.length !== packed || (method !== 0 && method !== 8)) throw damaged(`${name} that cannot be read`);
    yield { name, content: method === 0 ? data : inflateRawSync(data) };
  }
}

function damaged(got: string): UsageError {
  return new UsageError('unzip', 'a ZIP archive', got);
}
