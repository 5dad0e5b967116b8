/** Tells what a file is that is no UTF-8 text, from its first bytes or from lines that are not UTF-8. */

import type { Words } from '@llm-ladder/backend/errors';

const LITTLE = { en: 'UTF-16 (little endian)', zh: 'UTF-16（小端）', iconv: 'UTF-16LE' };
const BIG = { en: 'UTF-16 (big endian)', zh: 'UTF-16（大端）', iconv: 'UTF-16BE' };

const MAGIC: readonly (readonly [string, Words])[] = [
  ['GGUF', { en: 'a GGUF model', zh: 'GGUF 模型' }],
  ['PK\x03\x04', { en: 'a ZIP archive', zh: 'ZIP 压缩包' }],
  ['\x1f\x8b', { en: 'a gzip file', zh: 'gzip 文件' }],
  ['%PDF', { en: 'a PDF', zh: 'PDF' }],
  ['\x89PNG', { en: 'a PNG image', zh: 'PNG 图片' }],
  ['\xff\xd8\xff', { en: 'a JPEG image', zh: 'JPEG 图片' }],
  ['SQLite format 3', { en: 'a SQLite database', zh: 'SQLite 数据库' }],
  ['PAR1', { en: 'a Parquet file', zh: 'Parquet 文件' }],
  ['\x7fELF', { en: 'a program', zh: '程序文件' }],
];

/** `UTF-16 (little endian)`, `a gzip file`, `a binary file`; undefined for what may be text. */
export function notText(head: Buffer): (Words & { readonly iconv?: string }) | undefined {
  const bytes = head.toString('latin1');
  const kind = MAGIC.find(([start]) => bytes.startsWith(start));
  if (kind !== undefined) return kind[1];
  if (bytes.startsWith('\xff\xfe')) return LITTLE;
  if (bytes.startsWith('\xfe\xff')) return BIG;
  const zeros = [0, 0];
  let controls = 0;
  for (const [i, byte] of head.entries()) {
    if (byte === 0) zeros[i % 2]!++;
    else if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls++;
  }
  const [even, odd] = zeros as [number, number];
  // ASCII in UTF-16 has a zero in every other place, and hardly any in the others.
  if (odd > head.length / 8 && even * 20 < odd) return LITTLE;
  if (even > head.length / 8 && odd * 20 < even) return BIG;
  return even + odd > 0 || controls * 100 > head.length ? { en: 'a binary file', zh: '二进制文件' } : undefined;
}

const CHINESE = [
  { name: 'GBK', iconv: 'GB18030', label: 'gb18030' },
  { name: 'Big5', iconv: 'BIG5', label: 'big5' },
];
/** Signs and characters that every Chinese text is full of; read in a wrong encoding it has hardly any. */
const COMMON = new Set('，。、的一是不了在人有我他这這中大来來上国國个個到说說们們');

/** What bytes that are not UTF-8 look like, and what iconv calls it. */
export function guessEncoding(bytes: Buffer): { readonly name: string; readonly iconv: string } | undefined {
  const [best] = CHINESE.map((one) => ({ ...one, share: commonShare(bytes, one.label) })).sort((a, b) => b.share - a.share);
  if (best !== undefined && best.share > 0.05) return best;
  // In Latin-1 a letter with an accent stands among plain letters; the places from 80 to 9f are signs of Windows-1252 or nothing.
  const letters = bytes.filter((byte) => byte >= 0xc0).length;
  const others = bytes.filter((byte) => byte >= 0x80 && byte < 0xc0).length;
  if (letters + others > 0 && letters + others < bytes.length / 3 && others <= letters) return { name: 'Latin-1', iconv: 'WINDOWS-1252' };
  return undefined;
}

/** How many of the characters beyond ASCII are among the common ones; 0 for bytes that the encoding does not have. */
function commonShare(bytes: Buffer, label: string): number {
  try {
    const other = [...new TextDecoder(label, { fatal: true }).decode(bytes)].filter((char) => char > '\x7f');
    return other.filter((char) => COMMON.has(char)).length / Math.max(1, other.length);
  } catch {
    return 0;
  }
}
