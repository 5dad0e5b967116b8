/** Small Parquet files, made in the test. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';

type Turn = { readonly role: string; readonly content: string };

const compressors = { GZIP: (bytes: Uint8Array) => gzipSync(bytes), ZSTD: (bytes: Uint8Array) => zstdCompressSync(bytes) };

/** One column of texts, in groups of so many rows, beside one of numbers. */
export function textParquet(
  texts: readonly string[],
  {
    column = 'text',
    rowGroupSize = 1000,
    codec = 'SNAPPY',
  }: { column?: string; rowGroupSize?: number; codec?: 'SNAPPY' | 'GZIP' | 'ZSTD' } = {},
): Uint8Array {
  const columnData = [
    { name: 'id', data: texts.map((_, i) => BigInt(i)) },
    { name: column, data: [...texts], type: 'STRING' as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize, codec, compressors }));
}

/** A column of conversations, as `datasets` writes a list of structs. */
export function dialogueParquet(dialogues: readonly (readonly Turn[])[]): Uint8Array {
  const field = (name: string) => ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }) as const;
  const schema = [
    { name: 'root', num_children: 1 },
    { name: 'messages', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
    field('role'),
    field('content'),
  ] as const;
  return new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'messages', data: [...dialogues] }], schema: [...schema] }));
}
