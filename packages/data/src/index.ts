/** Texts and conversations, and where they come from. */

export { type Asking, askingFor } from './asking.ts';
export { changing, putInPlace, scratchIn } from './cache-folder.ts';
export { type Dialogue, dialogues, type Message } from './corpus/dialogues.ts';
export { Dice } from './corpus/phrases.ts';
export { type Story, stories } from './corpus/stories.ts';
export { downloadHubFile } from './fetch-hub-file.ts';
export { fetchPackage, type Package, unpack } from './fetch-package.ts';
export { type HubAddress, type HubFile, type HubRepo, openHubRepo, throughProxies } from './hub-client.ts';
export { asWord, type HubName, hubFolder, isHubName, parseHubName } from './hub-name.ts';
export { type JsonLine, readJsonLine } from './json-lines.ts';
export { findModel, hubModels, type ModelRecord, modelBytes, modelFolder, modelHere } from './model-cache.ts';
export { addModels, type ModelOptions, removeModels } from './model-store.ts';
export { type KnownModel, knownModels } from './models.ts';
export { parquetColumns, parquetMetadata, parquetRows } from './parquet.ts';
export { printable, printableLine } from './printable.ts';
export { type CorpusSource, readCorpus, skippedLines } from './read-corpus.ts';
export { type DataSet, dataSets } from './sets.ts';
export { addSets, findSet, isHere, removeSets, type StoreOptions, setBytes, setFiles, setFolder } from './store.ts';
export type { CorpusFile } from './survey.ts';
export { unzip } from './zip.ts';
