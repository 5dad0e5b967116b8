/**
 * Event files of TensorBoard, as much of the format as scalars need.
 *
 * Format: TFRecord, a record is length (uint64) | masked crc32c of the length | data | masked crc32c of the data, all little-endian; the data is the protocol
 * buffer tensorflow.Event { 1: wall_time double, 2: step int64, 3: file_version string, 5: summary, 7: session_log },
 * Summary { 1: Value { 1: tag string, 2: simple_value float } }. A session_log of status START makes TensorBoard forget the steps from its own on:
 * what a run wrote before it was stopped between two checkpoints, and writes again.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export class EventFile {
  readonly path: string;
  readonly #file: number;

  /** Starts a file for the steps after `step`. */
  constructor(folder: string, step: number, now = Date.now()) {
    this.path = join(folder, `events.out.tfevents.${Math.floor(now / 1000)}.ladder-${step}`);
    this.#file = openSync(this.path, 'a');
    this.#write(event(now, 0, bytesField(3, new TextEncoder().encode('brain.Event:2'))));
    if (step > 0) this.#write(event(now, step + 1, bytesField(7, varintField(1, 1n))));
  }

  add(step: number, scalars: Readonly<Record<string, number>>, now = Date.now()): void {
    const values = Object.entries(scalars).map(([tag, value]) =>
      bytesField(1, joined([bytesField(1, new TextEncoder().encode(tag)), floatField(2, value)])),
    );
    this.#write(event(now, step, bytesField(5, joined(values))));
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(data: Uint8Array): void {
    writeSync(this.#file, record(data));
  }
}

/** One record with its two checksums. */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(bytes.subarray(0, 8))), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return bytes;
}

/** CRC-32C (Castagnoli), as in RFC 3720, appendix B.4. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

// --- helpers ---

/** TFRecord's disguise of a checksum: turned by 15 bits, plus a constant. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function event(now: number, step: number, payload: Uint8Array): Uint8Array {
  const time = new Uint8Array(9);
  time[0] = (1 << 3) | 1;
  new DataView(time.buffer).setFloat64(1, now / 1000, true);
  return joined([time, ...(step > 0 ? [varintField(2, BigInt(step))] : []), payload]); // a 0 is never written
}

function floatField(number: number, value: number): Uint8Array {
  const field = new Uint8Array(5);
  field[0] = (number << 3) | 5;
  new DataView(field.buffer).setFloat32(1, value, true);
  return field;
}

function varintField(number: number, value: bigint): Uint8Array {
  return joined([varint(BigInt(number << 3)), varint(value)]);
}

function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return joined([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return Uint8Array.of(...bytes, Number(value));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
