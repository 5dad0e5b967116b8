/** The card compares at its milestones, and says in one line what is off. */
import { describe, expect, test } from 'vitest';
import { Card } from '../../src/run/card.ts';

const V = 1000; // ln V = 6.91
const normal = { pretrain: [4, 3, 2], sft: 1, memoryMb: 800, speed: 0.1 } as const;
const steps = { pretrain: 40, sft: 20 };

describe('Card', () => {
  test('loss at step 0 is compared with ln V', () => {
    const checkFirst = (first: number) => new Card({ V, normal: undefined, steps }).check('pretrain', 1, { first, mean: first });
    expect(checkFirst(6.93)).toMatchObject({ ok: true, value: '6.93', normal: { en: 'ln V = 6.91' } });
    expect(checkFirst(9.8)?.remark?.en).toMatch(/^loss at step 0 is 9\.80, ln V is 6\.91: fresh weights are too large/);
    expect(checkFirst(2.1)?.remark?.en).toMatch(/does it see the token it has to guess/);
    expect(checkFirst(Number.NaN)?.ok).toBe(false);
  });

  test('losses are compared after 25, 50 and 100 % of pretraining and at the end of SFT, and nowhere else', () => {
    const card = new Card({ V, normal, steps });
    const reached: string[] = [];
    for (const stage of ['pretrain', 'sft'] as const)
      for (let step = 1; step <= steps[stage]; step++)
        if (card.check(stage, step, { first: 6.9, mean: 2.5 })) reached.push(`${stage} ${step}`);
    expect(reached).toEqual(['pretrain 1', 'pretrain 10', 'pretrain 20', 'pretrain 40', 'sft 20']);
    expect(card.lines.map(({ ok }) => ok)).toEqual([true, true, true, false, false]);
    expect(card.lines[3]?.remark?.en).toBe('loss, pretraining 100 % is 2.50, normal is at most 2.00: it learns too slowly');
  });

  test('without normal numbers only the start is compared', () => {
    const card = new Card({ V, normal: undefined, steps });
    expect(card.check('pretrain', 40, { first: 6.9, mean: 99 })).toBeUndefined();
    expect(card.memory(1e6)).toBeUndefined();
    expect(card.speed(1, 0)).toBeUndefined();
  });

  test('memory', () => {
    const card = new Card({ V, normal, steps });
    expect(card.memory(700)?.ok).toBe(true);
    expect(card.memory(900)?.remark?.en).toMatch(/^memory is 900 MB, normal is at most 800/);
  });

  test('speed is compared with the matrix products of the same machine, and never turns a run down', () => {
    const card = new Card({ V, normal, steps });
    expect(card.speed(2812.4, 0.31)).toMatchObject({ ok: true, value: '2812 tokens/s, 31 %', isLoss: false });
    expect(card.speed(90, 0.01)?.remark?.en).toMatch(/^training reaches 1 % of what this machine multiplies, normal is at least 10 %/);
    expect(card.lines.map(({ ok }) => ok)).toEqual([true, false]);
  });
});
