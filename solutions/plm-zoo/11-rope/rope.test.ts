import '@llm-ladder/grader/matchers';
import { tf } from '@llm-ladder/backend';
import { describe, expect, test } from 'vitest';
import { applyRope, ropeCache } from './rope.ts';

const x = tf.tensor4d([1, 2, 3, 4], [1, 1, 1, 4]);
const at = (...positions: number[]) => tf.tensor2d([positions], [1, positions.length], 'int32');

describe('ropeCache', () => {
  test('one row per position, one column per pair', () => {
    const { cos, sin } = ropeCache(4, 3);
    expect(cos).toBeAllClose([[1, 1], [0.540302, 0.99995], [-0.416147, 0.9998]]); // biome-ignore format: one row per position
    expect(sin).toBeAllClose([[0, 0], [0.841471, 0.01], [0.909297, 0.019999]]); // biome-ignore format: one row per position
  });
});

describe('applyRope', () => {
  const { cos, sin } = ropeCache(4, 8);

  test('the worked numbers of the README', () => {
    const interleaved = applyRope(x, cos, sin, at(1), 'interleaved');
    expect(interleaved.flatten()).toBeAllClose([-1.14264, 1.922076, 2.959851, 4.0298]);
    expect(applyRope(x, cos, sin, at(1), 'half').flatten()).toBeAllClose([-1.984111, 1.959901, 2.462378, 4.0198]);
  });

  test('position 0 turns nothing', () => {
    expect(applyRope(x, cos, sin, at(0), 'interleaved')).toBeAllClose(x);
    expect(applyRope(x, cos, sin, at(0), 'half')).toBeAllClose(x);
  });

  test('the score of two turned vectors depends on their distance', () => {
    const score = (m: number, n: number) =>
      applyRope(x, cos, sin, at(m), 'half')
        .mul(applyRope(x.reverse(3), cos, sin, at(n), 'half'))
        .sum();
    expect(score(5, 3)).toBeAllClose(score(2, 0).dataSync()[0]);
    expect(score(5, 3)).not.toBeAllClose(score(3, 5).dataSync()[0]);
  });
});
