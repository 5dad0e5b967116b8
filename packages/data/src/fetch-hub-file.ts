/** Fetches a file of the Hub to the disk, or as much of its start as there is room for. */
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { refused, type Words } from '@llm-ladder/backend/errors';
import type { HubFile, HubRepo } from './hub-client.ts';
import type { FetchedFile, Format } from './hub-rows.ts';
import { parquetStart } from './parquet.ts';
import { printableLine } from './printable.ts';

/** Asked of the Hub at a time. */
const PART = 16 << 20;
/** A .json is held whole, as one string. */
const LONGEST_JSON = 256e6;

export interface HubPart {
  readonly fetched: FetchedFile;
  /** How much of the file was fetched, and the SHA-256 of that. */
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a file to `to`, or the part of it that fits into `room`: whole lines, whole groups of rows of a Parquet file, all or nothing of a .json.
 * Undefined when nothing fits. Throws UsageError as downloadHubFile does, and for a Parquet file without an end.
 */
export async function fetchHubFile(
  repo: HubRepo,
  file: HubFile,
  { to, format, room, onBytes }: { to: string; format: Format; room: number; onBytes: (bytes: number) => void },
): Promise<HubPart | undefined> {
  const where = `${repo.address.asking.where}: ${printableLine(file.path)}`;
  const { bytes, ...more } = await startOf(repo, file, format, room, where);
  if (bytes === 0) return undefined;
  const sha256 = await downloadHubFile(repo, file, { to, bytes, onBytes });
  if (bytes < file.size && format !== 'parquet') cutLine(to);
  return { fetched: { path: to, where, format, ...more }, bytes, sha256 };
}

/**
 * Writes a file, or its first `bytes`, to `to`, a part at a time; returns the SHA-256 of what was written.
 * Throws UsageError for what the Hub refuses, and for a whole file with another SHA-256 than the Hub states.
 */
export async function downloadHubFile(
  repo: HubRepo,
  file: HubFile,
  { to, bytes = file.size, onBytes }: { readonly to: string; readonly bytes?: number; readonly onBytes?: (bytes: number) => void },
): Promise<string> {
  const hash = createHash('sha256');
  const descriptor = openSync(to, 'w');
  try {
    for (let at = 0; at < bytes; at += PART) {
      const part = await repo.read(file, at, Math.min(at + PART, bytes));
      hash.update(part);
      for (let done = 0; done < part.length; ) done += writeSync(descriptor, part, done);
      onBytes?.(part.length);
    }
  } finally {
    closeSync(descriptor);
  }
  const sha256 = hash.digest('hex');
  if (bytes === file.size && file.sha256 !== undefined && file.sha256 !== sha256) {
    const hint: Words = { en: 'run the command again; check the network and HF_ENDPOINT', zh: '请重试，并检查网络和 HF_ENDPOINT' };
    throw refused(
      `${repo.address.asking.where}: ${printableLine(file.path)}`,
      { en: `SHA-256 ${file.sha256}`, zh: ` SHA-256 ${file.sha256}` },
      sha256,
      { hint },
    );
  }
  return sha256;
}

// --- helpers ---

/** How much of a file is taken, and of a Parquet file that is cut what its end says. */
async function startOf(repo: HubRepo, file: HubFile, format: Format, room: number, where: string) {
  if (file.size <= room && (format !== 'json' || file.size <= LONGEST_JSON)) return { bytes: file.size };
  if (format === 'json' || room <= 0) return { bytes: 0 };
  if (format !== 'parquet') return { bytes: room };
  const slice = async (from: number, to = file.size) => (await repo.read(file, from, to)).buffer;
  return parquetStart({ byteLength: file.size, slice }, room, where);
}

/** Takes away the last line, which ends in its middle. */
function cutLine(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    const chunk = Buffer.alloc(1 << 16);
    for (let end = statSync(path).size; end > 0; end -= chunk.length) {
      const from = Math.max(0, end - chunk.length);
      const at = chunk.subarray(0, readSync(descriptor, chunk, 0, end - from, from)).lastIndexOf(10);
      if (at < 0) continue;
      ftruncateSync(descriptor, from + at + 1);
      return;
    }
    ftruncateSync(descriptor, 0);
  } finally {
    closeSync(descriptor);
  }
}
