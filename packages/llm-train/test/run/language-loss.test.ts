/** The loss of a batch, against a plain loop over its tokens. */
import { tf } from '@llm-ladder/backend';
import { Dice } from '@llm-ladder/data/corpus/phrases';
import { onEveryBackend } from '@llm-ladder/testing/every-backend';
import { expect, test } from 'vitest';
import { initWeights, type LlamaConfig, llamaForward } from '../../src/llama.ts';
import { languageLoss } from '../../src/run/language-loss.ts';
import type { Rows } from '../../src/run/rows.ts';

const cfg: LlamaConfig = { V: 13, D: 12, L: 2, H: 3, G: 1, F: 20, maxLen: 16, eps: 1e-5, theta: 10_000, style: 'half', tied: true };
const rows: Rows = {
  len: 5,
  ids: Int32Array.of(1, 2, 3, 4, 5, 9, 8, 7, 6, 5, 1, 2, 3, 11, 12),
  docId: Int32Array.of(0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2),
  pos: Int32Array.of(0, 1, 2, 3, 4, 0, 1, 0, 1, 2, 0, 1, 2, 3, 4),
  counts: Uint8Array.of(0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0),
};

/** One document alone, without a mask: log-probabilities of its last token. */
function surprise(ids: number[], w: ReturnType<typeof initWeights>): number {
  return tf.tidy(() => {
    const seen = ids.slice(0, -1);
    const logits = llamaForward(tf.tensor2d([seen], undefined, 'int32'), w, cfg).reshape<tf.Tensor2D>([seen.length, cfg.V]);
    const last = [...logits.slice([seen.length - 1, 0], [1, cfg.V]).dataSync()];
    const most = Math.max(...last);
    return Math.log(last.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) + most - last[ids.at(-1)!]!;
  });
}

onEveryBackend(() => {
  test('is the sum over the tokens that count, each given only its own document', () => {
    const dice = new Dice(1);
    const w = initWeights(cfg, () => dice.next());
    const { lossSum, tokens } = languageLoss(w, cfg, rows, [1, 0]);
    const wanted = [
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4],
      [1, 2, 3, 4, 5],
      [9, 8],
      [7, 6],
    ].map((ids) => surprise(ids, w));
    expect(tokens).toBe(6);
    expect(lossSum.dataSync()[0]).toBeCloseTo(
      wanted.reduce((sum, one) => sum + one, 0),
      3,
    );
    expect(wanted[4]).not.toBeCloseTo(surprise([5, 9, 8], w), 3); // control: the document matters
    tf.dispose([lossSum, w as unknown as tf.TensorContainer]);
  });

  test('a batch in which nothing counts has no loss and no tokens', () => {
    const w = initWeights(cfg, () => 0.3);
    const { lossSum, tokens } = languageLoss(w, cfg, rows, [2]);
    expect([lossSum.dataSync()[0], tokens]).toEqual([0, 0]);
    tf.dispose([lossSum, w as unknown as tf.TensorContainer]);
  });
});
