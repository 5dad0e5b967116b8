import { describe, expect, test } from 'vitest';
import { segment } from './max-match.ts';

const words = new Set(['研发', '发明', '明天', '新药', '天新']);
const letters = new Set(['no', 'now', 'here', 'where']);

describe('segment', () => {
  test('the worked numbers of the README', () => {
    expect(segment('研发明天新药', words, 'fwd')).toEqual(['研发', '明天', '新药']);
    expect(segment('研发明天新药', words, 'bwd')).toEqual(['研发', '明天', '新药']);
    const more = new Set([...words, '发明天']);
    expect(segment('研发明天新药', more, 'bwd')).toEqual(['研', '发明天', '新药']);
    expect(segment('研发明天新药', more, 'bi')).toEqual(['研发', '明天', '新药']);
  });

  test('the two directions differ where the text is ambiguous', () => {
    expect(segment('nowhere', letters, 'fwd')).toEqual(['now', 'here']);
    expect(segment('nowhere', letters, 'bwd')).toEqual(['no', 'where']);
    expect(segment('nowhere', letters, 'bi')).toEqual(['no', 'where']);
  });

  test('a character that no word covers stands alone', () => {
    expect(segment('明天🚀飞', words, 'fwd')).toEqual(['明天', '🚀', '飞']);
  });
});
