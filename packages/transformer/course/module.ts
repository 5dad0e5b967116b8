/** The course of `@llm-ladder/transformer`: ten exercises, from one attention to a model that reverses strings. */
import { defineModule } from '@llm-ladder/grader/course';
import { sdpa } from './01-sdpa/exercise.ts';
import { masks } from './02-masks/exercise.ts';
import { mha } from './03-mha/exercise.ts';
import { layernorm } from './04-layernorm/exercise.ts';
import { ffnDropout } from './05-ffn-dropout/exercise.ts';
import { sinusoidPe } from './06-sinusoid-pe/exercise.ts';
import { encoder } from './07-encoder/exercise.ts';
import { decoder } from './08-decoder/exercise.ts';
import { seq2seqModel } from './09-seq2seq-model/exercise.ts';
import { copyReverse } from './10-copy-reverse/exercise.ts';

export default defineModule({
  format: 1,
  id: 'transformer',
  title: { en: 'The Transformer', zh: 'Transformer' },
  chapter: 2,
  exercises: [sdpa, masks, mha, layernorm, ffnDropout, sinusoidPe, encoder, decoder, seq2seqModel, copyReverse],
});
