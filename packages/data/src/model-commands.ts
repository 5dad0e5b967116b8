/** `ladder model add | list | remove`: what they print. */
import { bytesOf, print, printRemoved, type Say } from './cache-commands.ts';
import { megabytes } from './hub-set.ts';
import { hubModels, modelBytes, modelFolder, modelHere } from './model-cache.ts';
import { addModels, removeModels } from './model-store.ts';
import { knownModels } from './models.ts';

/** Fetches the models that are not here yet. UsageError for a limit that is no number. */
export async function modelAdd(names: readonly string[], { maxMb }: { readonly maxMb?: string | undefined }, { say }: Say): Promise<0> {
  await addModels(names, { maxBytes: bytesOf(maxMb, 'model add'), onStep: (words) => print(say(words)) });
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
export async function modelRemove(names: readonly string[], says: Say): Promise<0> {
  printRemoved(names, await removeModels(names), says);
  return 0;
}
