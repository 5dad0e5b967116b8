/** The commands that this module adds to `ladder`. Read to list them, so it imports no library code. */
import { dataCommands } from '@llm-ladder/data/commands';
import { defineCommands } from '@llm-ladder/grader/course';

export default defineCommands([
  {
    name: 'train',
    mine: true,
    description: {
      en: 'train a model that talks: tokenizer, pretraining, SFT',
      zh: '训练一个会说话的模型：分词器、预训练、指令微调',
    },
    options: [
      {
        flags: '--preset <name>',
        description: {
          en: 'tiny (minutes), small (half an hour), k-model or k-model-215m (GPU)',
          zh: 'tiny（几分钟）、small（半小时）、k-model 或 k-model-215m（GPU）',
        },
        default: 'tiny',
      },
      {
        flags: '--resume [folder]',
        description: { en: 'go on with a run that was stopped: the newest, or this one', zh: '继续停下的训练：最近一次，或这个目录' },
      },
      { flags: '--out <folder>', description: { en: 'where the run goes', zh: '训练结果的目录' } },
      {
        flags: '--data <files...>',
        description: {
          en: 'your own texts: .txt, .jsonl, a folder, or a name of ladder data list, hf: ones too',
          zh: '你自己的文本：.txt、.jsonl、目录，或 ladder data list 里的名字（含 hf: 的）',
        },
      },
      { flags: '--steps <n>', description: { en: 'at most so many updates in each stage', zh: '每个阶段最多更新这么多步' } },
      { flags: '--seed <n>', description: { en: 'all chance comes from this number', zh: '所有随机性都来自这个数' }, default: '1' },
      {
        flags: '--export-torch <folder>',
        description: {
          en: 'train nothing here: write what torchrun trains further (with --resume, the model as it stands)',
          zh: '不在这里训练：写出供 torchrun 继续训练的目录（加 --resume 则用当前的模型）',
        },
      },
      { flags: '--no-sft', description: { en: 'pretraining only', zh: '只做预训练' } },
    ],
    run: async (_args, options, context) => (await import('./commands/train-command.ts')).trainCommand(options, context),
  },
  {
    name: 'chat',
    args: '[model]',
    mine: true,
    description: {
      en: 'talk to a model: the last one that you trained, a Hugging Face folder, a GGUF file',
      zh: '和模型对话：最近训练的模型、Hugging Face 目录或 GGUF 文件',
    },
    options: [
      { flags: '--model <folder or gguf>', description: { en: 'the same as the word after chat', zh: '等同于 chat 后面的那个词' } },
      { flags: '--temp <x>', description: { en: 'temperature; 0 always takes the likeliest token', zh: '温度；0 表示总取最可能的 token' } },
      {
        flags: '--top-k <n>',
        description: { en: 'only the n likeliest tokens; 0 for all', zh: '只在最可能的 n 个 token 里选；0 表示全部' },
      },
      { flags: '--top-p <x>', description: { en: 'only the likeliest that together reach x', zh: '只在合计概率达到 x 的 token 里选' } },
      { flags: '--max-new <n>', description: { en: 'at most so many tokens in an answer', zh: '一次回答最多这么多 token' } },
      { flags: '--seed <n>', description: { en: 'the same seed gives the same answers', zh: '相同的种子给出相同的回答' } },
    ],
    run: async (args, options, context) => (await import('./commands/chat-command.ts')).chatCommand(args, options, context),
  },
  ...dataCommands,
]);
