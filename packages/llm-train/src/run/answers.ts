/** Talks to a model that has just been trained: a few questions, one answer each. */
import { tf } from '@llm-ladder/backend';
import { Dice } from '@llm-ladder/data/corpus/phrases';
import type { Tokenizer } from '../bbpe-codec.ts';
import { type LlamaConfig, type LlamaWeights, llamaForward } from '../llama.ts';
import { generate } from '../sampling.ts';
import { BOS, EOS, TURN, TURN_END } from './rows.ts';

/** How `ladder train` samples, and what it writes into generation_config.json. */
export const SAMPLING = { temp: 0.5, topK: 20, topP: 0.9, rep: 1 } as const;

interface Speaker {
  readonly weights: LlamaWeights;
  readonly cfg: LlamaConfig;
  readonly tokenizer: Pick<Tokenizer, 'encode' | 'decode'>;
}

/** The answer to one question, in ChatML. */
export async function answer(speaker: Speaker, question: string, seed: number, maxNew = 200): Promise<string> {
  const encode = (text: string) => speaker.tokenizer.encode(text);
  const prompt = [TURN, ...encode(`user\n${question}`), TURN_END, ...encode('\n'), TURN, ...encode('assistant\n')];
  return goOn(speaker, prompt, seed, maxNew);
}

/** How a text goes on that begins like this: what a model can do that was only pretrained. */
export async function continuation(speaker: Speaker, start: string, seed: number, maxNew = 80): Promise<string> {
  return `${start}${await goOn(speaker, [BOS, ...speaker.tokenizer.encode(start)], seed, maxNew)}`;
}

async function goOn({ weights, cfg, tokenizer }: Speaker, prompt: readonly number[], seed: number, maxNew: number): Promise<string> {
  const dice = new Dice(seed);
  const next = ([row]: readonly (readonly number[])[]) =>
    tf.tidy(() => {
      const ids = tf.tensor2d([...row!], [1, row!.length], 'int32');
      return llamaForward(ids, weights, cfg)
        .slice([0, row!.length - 1, 0], [1, 1, cfg.V])
        .reshape<tf.Tensor2D>([1, cfg.V]);
    });
  const most = Math.min(maxNew, cfg.maxLen - prompt.length);
  const [ids] = await generate(next, [prompt], { ...SAMPLING, maxNew: most, stop: [TURN_END, EOS], pad: EOS, rng: () => dice.next() });
  return tokenizer.decode(ids!, { skipSpecial: true }).trim();
}
