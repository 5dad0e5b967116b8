/** What this machine could do at best: the yardstick for the speed of a run. */
import { tf } from '@llm-ladder/backend';

const [ROUNDS, PRODUCTS] = [8, 4];

/** Floating-point operations per second of the product on which a layer spends most, [N, D] x [D, F], on the current backend: the best of several rounds. */
export async function productSpeed({ N, D, F }: { readonly N: number; readonly D: number; readonly F: number }): Promise<number> {
  const [a, b] = [tf.randomUniform<tf.Rank.R2>([N, D]), tf.randomUniform<tf.Rank.R2>([D, F])];
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const products = Array.from({ length: PRODUCTS }, () => tf.matMul(a, b));
    await products.at(-1)!.data();
    best = Math.max(best, (PRODUCTS * 2 * N * D * F * 1000) / (performance.now() - started));
    tf.dispose(products);
  }
  tf.dispose([a, b]);
  return best;
}
