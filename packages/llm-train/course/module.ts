/** The course of `@llm-ladder/llm-train`: a language model from its tokenizer up. */
import { defineModule } from '@llm-ladder/grader/course';
import { bbpeTrain } from './01-bbpe-train/exercise.ts';
import { bbpeCodec } from './02-bbpe-codec/exercise.ts';
import { corpusClean } from './03-corpus-clean/exercise.ts';
import { pack } from './04-pack/exercise.ts';
import { llama } from './05-llama/exercise.ts';
import { lrCosine } from './06-lr-cosine/exercise.ts';
import { accumClip } from './07-accum-clip/exercise.ts';
import { lossScaler } from './08-loss-scaler/exercise.ts';
import { checkpoint } from './09-checkpoint/exercise.ts';
import { kvCache } from './10-kv-cache/exercise.ts';
import { sampling } from './11-sampling/exercise.ts';
import { beam } from './12-beam/exercise.ts';
import { scaling } from './13-scaling/exercise.ts';

export default defineModule({
  format: 1,
  id: 'llm-train',
  title: { en: 'Training a language model', zh: '训练语言模型' },
  chapter: 4,
  exercises: [
    bbpeTrain,
    bbpeCodec,
    corpusClean,
    pack,
    llama,
    lrCosine,
    accumClip,
    lossScaler,
    checkpoint,
    kvCache,
    sampling,
    beam,
    scaling,
  ],
});
