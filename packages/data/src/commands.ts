/**
 * `ladder data add | list | remove`, for a course module that puts them among its own commands. Read to list the commands, so it imports no library code.
 * The form is that of `@llm-ladder/grader/course`, which checks it; this library does without the grader.
 */
import type { Words } from '@llm-ladder/backend/errors';

interface DataCommand {
  readonly name: string;
  readonly args?: string;
  readonly description: Words;
  readonly options?: readonly { readonly flags: string; readonly description: Words }[];
  /** The exit code. */
  readonly run: (
    args: readonly (string | readonly string[] | undefined)[],
    options: Readonly<Record<string, unknown>>,
    context: { readonly say: (words: Words) => string },
  ) => Promise<0>;
}

export const dataCommands: readonly DataCommand[] = [
  {
    name: 'data add',
    args: '<names...>',
    description: {
      en: 'fetch real corpora, or datasets of the Hugging Face Hub (hf:<owner>/<dataset>), into the cache',
      zh: '下载真实语料或 Hugging Face Hub 的数据集（hf:<所有者>/<数据集>）到缓存',
    },
    options: [
      {
        flags: '--max-mb <n>',
        description: { en: 'at most so many MB of each hf: dataset (default 200)', zh: '每个 hf: 数据集最多取这么多 MB（默认 200）' },
      },
    ],
    run: async ([names], options, context) => (await import('./data-commands.ts')).dataAdd(names as readonly string[], options, context),
  },
  {
    name: 'data list',
    description: { en: 'what can be had, and what is here', zh: '列出可获取的数据，以及本机已有哪些' },
    run: async (_args, _options, context) => (await import('./data-commands.ts')).dataList(context),
  },
  {
    name: 'data remove',
    args: '<names...>',
    description: { en: 'delete sets from the cache', zh: '从缓存中删除数据' },
    run: async ([names], _options, context) => (await import('./data-commands.ts')).dataRemove(names as readonly string[], context),
  },
];
