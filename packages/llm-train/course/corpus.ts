/**
 * A text of our own in two languages for the tokenizer suites, made rather than kept: made-up English words, made-up Chinese ones, numbers, signs.
 * tools/fixtures/llm_train_bpe.py makes the very same text; each fixture holds its SHA-256.
 */

/** About `size` characters in lines, the same for the same seed. */
export function makeCorpus(size: number, seed: number): string[] {
  let state = seed;
  const below = (n: number) => {
    state = (state * 48271) % 2147483647; // exact in float64, as in Python's whole numbers
    return state % n;
  };
  const rare = (n: number) => Math.floor((below(n) * below(n)) / n); // small numbers more often, as words are
  const syllable = () => 'bcdfghklmnprstvw'.charAt(rare(16)) + 'aeiouy'.charAt(rare(6)) + ['', 'n', 'r', 's', 'ng', 'th'][rare(6)];
  const many = <T>(n: number, make: () => T) => Array.from({ length: n }, make);
  const english = many(900, () => many(1 + rare(4), syllable).join(''));
  const chinese = many(700, () => many(1 + rare(3), () => String.fromCharCode(0x4e00 + rare(3000))).join(''));
  const signs = [
    '，',
    '。',
    '！',
    '（注）',
    '. ',
    ', ',
    '; ',
    '-- ',
    '?! ',
    '"',
    "'s ",
    "'t ",
    '🙂',
    '👩‍🚀',
    'é',
    '٣ ',
    '\t',
    '    ',
    '....',
    'aaaa ',
  ];

  const item = (): string => {
    const kind = below(20);
    if (kind < 10) return `${english[rare(900)]} `;
    if (kind < 16) return many(1 + below(5), () => chinese[rare(700)]!).join('');
    if (kind < 17) return `${below(3000)} `;
    return signs[below(signs.length)]!;
  };
  const lines: string[] = [];
  for (let length = 0; length < size; length += lines.at(-1)!.length) lines.push(`${many(4 + below(24), item).join('')}\n`);
  return lines;
}
