/** A zip file in memory: names in UTF-8, files with their Unix modes, deflated. For archives of a few megabytes; zip64 is not written. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFile {
  /** Path with forward slashes. */
  readonly name: string;
  readonly content: Uint8Array;
  /** Permission bits; 0o644 without it. */
  readonly mode?: number;
}

const utf8Names = 0x0800;
const deflated = 8;
const version = 20;
/** 1980-01-01: the archive of the same files is the same, whenever it is made. */
const date = 0x0021;
const regularFile = 0o100000;
const unix = 3 << 8;

/** The archive's bytes; the same files give the same bytes. */
export function zipOf(files: readonly ZipFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o644 } of files) {
    const path = Buffer.from(name);
    const packed = deflateRawSync(content, { level: 9 });
    // Version, flags, method, time, date, CRC, both sizes, length of the name and of the extra field: the same in both headers.
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(version, 0);
    shared.writeUInt16LE(utf8Names, 2);
    shared.writeUInt16LE(deflated, 4);
    shared.writeUInt16LE(date, 8);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(path.length, 22);
    parts.push(signature(0x04034b50), shared, path, packed);

    const made = Buffer.alloc(2);
    made.writeUInt16LE(unix | version);
    // Length of the comment, disk, internal and external attributes, where the file begins.
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((regularFile | mode) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(signature(0x02014b50), made, shared, rest, path);
    offset += 4 + shared.length + path.length + packed.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, index, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
