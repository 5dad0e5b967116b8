/** Run by a test in a process of its own: saves a fresh model to the folder that it is given; on an error prints it and what hints at help. */
import { useBackend } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import { initWeights, saveModel, trainBpe } from '../../src/index.ts';

await useBackend('cpu');
const special = ['<s>', '</s>'];
const bpe = trainBpe(['a small ship'], { vocab: 258, special });
const cfg = { V: 258, D: 64, L: 4, H: 4, G: 2, F: 128, maxLen: 32, eps: 1e-5, theta: 10_000, style: 'half', tied: true } as const;
try {
  const weights = initWeights(cfg, Math.random);
  await saveModel(process.argv[2]!, {
    ...bpe,
    special,
    cfg,
    weights,
    tokens: { pad: 0, eos: [1] },
    generation: { temp: 1, topK: 0, topP: 1, rep: 1 },
  });
  console.log('saved');
} catch (error) {
  console.log(error instanceof UsageError ? `${error.message} / ${error.hint}` : error);
}
