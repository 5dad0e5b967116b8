/** Reads Parquet files of the Hub, group of rows by group of rows. */
import zlib from 'node:zlib';
import { LadderError, refused } from '@llm-ladder/backend/errors';
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import { printableLine } from './printable.ts';

/** Snappy is built into hyparquet; these come with Node (zstd from 22.15 on). LZ4, which hardly any dataset uses, does not. */
const compressors: Compressors = {
  GZIP: (input, length) => zlib.gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => zlib.brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  ...('zstdDecompressSync' in zlib && {
    ZSTD: (input: Uint8Array, length: number) => zlib.zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  }),
};

export interface ParquetStart {
  /** What the end of the file says, with the groups of rows that are in its start alone. */
  readonly metadata: FileMetaData;
  /** How long that start is; 0 when not even the first group fits. */
  readonly bytes: number;
}

/** The groups of rows that lie in the first `room` bytes. UsageError that names `where` for what is no Parquet. */
export async function parquetStart(file: AsyncBuffer, room: number, where: string): Promise<ParquetStart> {
  const { parquetMetadataAsync } = await import('hyparquet');
  const metadata = await readable(where, () => parquetMetadataAsync(file, { geoparquet: false }));
  const ends = metadata.row_groups.map(({ columns }) => Math.max(...columns.map(endOf)));
  const tooFar = ends.findIndex((end) => end > room);
  const count = tooFar < 0 ? ends.length : tooFar;
  return { metadata: { ...metadata, row_groups: metadata.row_groups.slice(0, count) }, bytes: Math.max(0, ...ends.slice(0, count)) };
}

/** The names of the columns, outermost first. */
export async function parquetColumns(metadata: FileMetaData): Promise<string[]> {
  const { parquetSchema } = await import('hyparquet');
  return parquetSchema(metadata).children.map(({ element }) => element.name);
}

/** What the end of a file on the disk says. UsageError that names `where` for what is no Parquet. */
export async function parquetMetadata(path: string, where: string): Promise<FileMetaData> {
  const { asyncBufferFromFile } = await import('hyparquet');
  return (await parquetStart(await asyncBufferFromFile(path), Number.POSITIVE_INFINITY, where)).metadata;
}

/** Every row with these columns, a group of rows at a time in memory. UsageError that names `where` for a damaged file and an unknown compression. */
export async function* parquetRows(path: string, metadata: FileMetaData, columns: string[], where: string): AsyncGenerator<unknown> {
  const { asyncBufferFromFile, parquetReadObjects } = await import('hyparquet');
  const file = await asyncBufferFromFile(path);
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const group = { file, metadata, columns, rowStart, rowEnd, compressors };
    if (rowEnd > rowStart) yield* await readable(where, () => parquetReadObjects(group));
    rowStart = rowEnd;
  }
}

// --- helpers ---

function endOf({ meta_data: column }: FileMetaData['row_groups'][number]['columns'][number]): number {
  if (column === undefined) return 0; // an encrypted one does not say where it is; reading it is refused
  return Number((column.dictionary_page_offset || column.data_page_offset) + column.total_compressed_size);
}

async function readable<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (LadderError.isInstance(cause)) throw cause;
    const got = printableLine((cause as Error).message);
    throw refused(where, { en: 'a Parquet file that can be read', zh: '可读的 Parquet 文件' }, got, { cause });
  }
}
