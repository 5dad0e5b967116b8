/** The beginning of a run: a new one in its folder, or one that goes on. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { type BackendName, deviceInfo, useBackend } from '@llm-ladder/backend';
import { UsageError, type Words } from '@llm-ladder/backend/errors';
import { newestFirst } from '../checkpoint.ts';
import { countParams } from '../llama.ts';
import type { CardLine } from './card.ts';
import { type Corpus, type LearningData, ownCorpus, prepareData, restoredData, savedData } from './learning-data.ts';
import { modelConfig, type Preset, type StageName } from './presets.ts';
import { createRunFolder, openRunFolder, type RunFolder, rememberNewest } from './run-folder.ts';
import { type Screen, short } from './screen.ts';
import { type Stage, Training } from './training.ts';

/** Whose code a part is, as run.json keeps it. */
export interface RunPart {
  readonly exercise: string;
  readonly whose: 'learner' | 'reference';
}

/** run.json */
export interface RunInfo {
  readonly version: 1;
  readonly preset: Preset;
  readonly seed: number;
  readonly backend: BackendName;
  readonly threads: number;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  /** 'own' or the files. */
  readonly data: 'own' | readonly string[];
  readonly steps: Readonly<Record<StageName, number>>;
  readonly tokens: number;
  readonly parameters: number;
  /** Null when no part could be the learner's. */
  readonly parts: readonly RunPart[] | null;
  readonly started: string;
  readonly finished?: string;
  readonly card?: readonly CardLine[];
}

/** What was asked for. */
export interface TrainRequest {
  /** The folder that holds .ladder. */
  readonly root: string;
  readonly preset: Preset;
  readonly seed: number;
  /** At most so many updates in each stage. */
  readonly steps?: number;
  readonly out?: string;
  readonly sft: boolean;
  readonly data?: { readonly files: readonly string[]; readonly corpus: Corpus };
  readonly backend: BackendName | 'auto';
  readonly parts?: readonly RunPart[];
  /** Instead of a new run: the folder of one that has begun, or '' for the newest. */
  readonly resume?: string;
}

export interface Run {
  readonly folder: RunFolder;
  readonly info: RunInfo;
  readonly data: LearningData;
  readonly training: Training;
}

export type Say = (words: Words) => string;

/** A run that stands at its next step. Throws UsageError for what cannot be begun or gone on with. */
export async function startRun(request: TrainRequest, screen: Screen, say: Say): Promise<Run> {
  return request.resume === undefined ? newRun(request, screen, say) : resumedRun(request, request.resume, screen, say);
}

async function newRun(request: TrainRequest, screen: Screen, say: Say): Promise<Run> {
  const { preset, seed } = request;
  if (request.steps !== undefined && !(Number.isInteger(request.steps) && request.steps >= 1))
    throw new UsageError('train: --steps', 'a whole number from 1', String(request.steps));
  const path = resolve(request.root, request.out ?? join('.ladder', 'runs', `${preset.name}-${stamp(new Date())}`));
  const folder = createRunFolder(path);
  const threads = availableParallelism() > 1 ? Math.min(4, availableParallelism()) : 1;
  const backend = await useBackend(request.backend, { threads });
  const { device: name, versions } = await deviceInfo();
  const device = backend === 'wasm' ? `WASM, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : name;
  screen.line(say({ en: `Backend: ${device}`, zh: `后端：${device}` }));

  const { data, report } = prepareData(corpusOf(request, preset, screen, say), preset, { sft: request.sft });
  screen.line(
    say({
      en: `Tokenizer: ${report.tokens} tokens, ${report.bytesPerToken.toFixed(1)} bytes each in the texts.\nData: ${short(report.textTokens)} tokens of text, ${short(report.chatTokens)} of conversations.`,
      zh: `分词器：${report.tokens} 个词元，文本中平均每个 ${report.bytesPerToken.toFixed(1)} 字节。\n数据：文本 ${short(report.textTokens)} 词元，对话 ${short(report.chatTokens)} 词元。`,
    }),
  );
  if (report.tooLong > 0) {
    screen.line(
      say({
        en: `${report.tooLong} conversations are longer than ${preset.rowLength} tokens, and are left out.`,
        zh: `有 ${report.tooLong} 段对话超过 ${preset.rowLength} 个词元，没有用上。`,
      }),
    );
  }
  const steps = {
    pretrain: Math.min(preset.stages.pretrain.steps, request.steps ?? Number.POSITIVE_INFINITY),
    sft: request.sft ? Math.min(preset.stages.sft.steps, request.steps ?? Number.POSITIVE_INFINITY) : 0,
  };
  const cfg = modelConfig(preset, data.vocab.size);
  const info: RunInfo = {
    version: 1,
    preset,
    seed,
    backend,
    threads,
    device,
    versions: { node: process.versions.node, 'llm-train': packageVersion(), ...versions },
    data: request.data?.files ?? 'own',
    steps,
    tokens: data.vocab.size,
    parameters: countParams(cfg),
    parts: partsOf(request),
    started: new Date().toISOString(),
  };
  await folder.writeData(savedData(data));
  await folder.writeInfo(info);
  await rememberNewest(request.root, folder.path);
  const training = Training.fresh(cfg, stagesOf(preset, steps, data), seed);
  return { folder, info, data, training };
}

async function resumedRun(request: TrainRequest, path: string, screen: Screen, say: Say): Promise<Run> {
  const folder = openRunFolder(path === '' ? undefined : resolve(request.root, path), request.root);
  const began = folder.readInfo() as RunInfo;
  const info = { ...began, parts: partsOf(request) };
  const { preset } = info;
  if (JSON.stringify(began.parts) !== JSON.stringify(info.parts)) {
    screen.line(
      say({
        en: 'The parts are not those that this run began with; run.json names the new ones.',
        zh: '各部分与训练开始时不同；run.json 记下新的。',
      }),
    );
    await folder.writeInfo(info);
  }
  const backend = await useBackend(request.backend === 'auto' ? info.backend : request.backend, { threads: info.threads });
  if (backend !== info.backend) {
    screen.line(
      say({
        en: `This run began on ${info.backend}. On ${backend} it goes on, but its numbers will differ in the last digits.`,
        zh: `这次训练是在 ${info.backend} 上开始的。换到 ${backend} 可以继续，但末几位数字会不同。`,
      }),
    );
  }
  const data = restoredData(await folder.readData());
  const stages = stagesOf(preset, info.steps, data);
  const cfg = modelConfig(preset, data.vocab.size);
  const found = await folder.lastCheckpoint();
  const [newest] = newestFirst(await folder.checkpointNames());
  if (newest !== undefined && newest !== found?.name) {
    screen.line(
      say({
        en: `${newest} is damaged; the run goes on from ${found?.name ?? 'its beginning'}.`,
        zh: `${newest} 已损坏；从 ${found?.name ?? '头'} 继续。`,
      }),
    );
  }
  await rememberNewest(request.root, folder.path);
  const training = found ? Training.restored(cfg, stages, found.state) : Training.fresh(cfg, stages, info.seed);
  screen.line(say({ en: `Going on after step ${training.step}: ${folder.path}`, zh: `从第 ${training.step} 步之后继续：${folder.path}` }));
  return { folder, info, data, training };
}

// --- helpers ---

function partsOf({ parts }: TrainRequest): readonly RunPart[] | null {
  return parts?.map(({ exercise, whose }) => ({ exercise, whose })) ?? null;
}

function corpusOf({ data, seed, sft }: TrainRequest, preset: Preset, screen: Screen, say: Say): Corpus {
  const own = ownCorpus(preset, seed);
  if (data === undefined) return own;
  const [first] = data.corpus.eachDialogue();
  if (first !== undefined || !sft) return data.corpus;
  screen.line(say({ en: 'No conversations in these files: SFT uses our own.', zh: '这些文件里没有对话：指令微调用自带的对话。' }));
  return { eachText: data.corpus.eachText, eachDialogue: own.eachDialogue };
}

function stagesOf(preset: Preset, steps: Readonly<Record<StageName, number>>, { rows }: LearningData): Stage[] {
  const stages = (['pretrain', 'sft'] as const).map((name) => ({ ...preset.stages[name], name, rows: rows[name], steps: steps[name] }));
  return stages.filter(({ steps, rows }) => steps > 0 && rows.ids.length > 0);
}

/** 20261124-183942, in local time. */
function stamp(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
