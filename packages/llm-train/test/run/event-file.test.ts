/** Event files: checksums against published values, bytes against what Python's tensorboard writes (tools/fixtures/llm_train_events.py), records against a plain reader. */
import { readFileSync } from 'node:fs';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { describe, expect, test } from 'vitest';
import { crc32c, EventFile, record } from '../../src/run/event-file.ts';

/** The data of every record, by length alone. */
function recordsOf(file: string): Buffer[] {
  const bytes = readFileSync(file);
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    records.push(bytes.subarray(at + 12, at + 12 + length));
    at += 16 + length;
  }
  return records;
}

describe('crc32c', () => {
  test('equals RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  });
});

describe('record', () => {
  test('equals what tensorboard writes', () => {
    expect(Buffer.from(record(new TextEncoder().encode('abc'))).toString('hex')).toBe('0300000000000000b099490e6162636e57f121');
  });
});

describe('EventFile', () => {
  const folder = temporaryFolder();

  test('equals what tensorboard writes, event by event', () => {
    const events = new EventFile(folder, 0, 1500);
    events.add(300, { loss: 2.5 }, 1500);
    events.close();
    const [version, scalar, ...more] = recordsOf(events.path).map((data) => data.toString('hex'));
    expect(version).toBe('09000000000000f83f1a0d627261696e2e4576656e743a32');
    expect(scalar).toBe('09000000000000f83f10ac022a0d0a0b0a046c6f73731500002040');
    expect(more).toEqual([]);
  });

  test('a file that goes on makes a reader forget the steps that are taken again', () => {
    const events = new EventFile(folder, 40, 1500);
    events.close();
    expect(recordsOf(events.path).map((data) => data.toString('hex'))[1]).toBe('09000000000000f83f10293a020801');
  });
});
