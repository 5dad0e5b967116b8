import { defineMutants } from '../../../src/format/index.ts';

export default defineMutants({
  mutants: [],
  naive: [
    {
      name: 'takes 320 MiB',
      replace: [
        ['const K = q.shape.at(-1)!;', 'const K = q.shape.at(-1)!; Array.from({ length: 5 }, () => new Uint8Array(64 * 2 ** 20).fill(1));'],
      ],
      fails: 'attention needs less memory than the wasteful form',
    },
  ],
});
