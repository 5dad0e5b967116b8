/** The course of `@llm-ladder/nlp-basics`: twelve exercises, from cutting a sentence into words to tagging them. */
import { defineModule } from '@llm-ladder/grader/course';
import { maxMatch } from './01-max-match/exercise.ts';
import { tfidfVsm } from './02-tfidf-vsm/exercise.ts';
import { bpeToy } from './03-bpe-toy/exercise.ts';
import { wordpieceUnigram } from './04-wordpiece-unigram/exercise.ts';
import { ngramLm } from './05-ngram-lm/exercise.ts';
import { skipgramNs } from './06-skipgram-ns/exercise.ts';
import { cbow } from './07-cbow/exercise.ts';
import { lstmCell } from './08-lstm-cell/exercise.ts';
import { bilmElmo } from './09-bilm-elmo/exercise.ts';
import { textClassify } from './10-text-classify/exercise.ts';
import { bioCrfViterbi } from './11-bio-crf-viterbi/exercise.ts';
import { hmmPos } from './12-hmm-pos/exercise.ts';

export default defineModule({
  format: 1,
  id: 'nlp-basics',
  title: { en: 'NLP basics', zh: '自然语言处理基础' },
  chapter: 1,
  exercises: [
    maxMatch,
    tfidfVsm,
    bpeToy,
    wordpieceUnigram,
    ngramLm,
    skipgramNs,
    cbow,
    lstmCell,
    bilmElmo,
    textClassify,
    bioCrfViterbi,
    hmmPos,
  ],
});
