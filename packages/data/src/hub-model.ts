/** The files of a model of the Hugging Face Hub that a program needs: weights as safetensors, configuration and tokenizer; or those that are named. */
import { refused, type Words } from '@llm-ladder/backend/errors';
import type { Asking } from './asking.ts';
import { downloadHubFile } from './fetch-hub-file.ts';
import { type HubFile, type HubRepo, openHubRepo, throughProxies } from './hub-client.ts';
import { asWord, type HubName } from './hub-name.ts';
import { megabytes } from './hub-set.ts';
import { printableLine } from './printable.ts';

/** In the folder of the model itself; what lies deeper (ONNX, other precisions) is named by whoever wants it. */
const WANTED =
  /^[^/]+\.(safetensors|safetensors\.index\.json)$|^[^/]*(config|tokenizer|special_tokens_map|added_tokens|vocab|chat_template)[^/]*\.(json|jinja|txt|model)$|^merges\.txt$|^(spiece|sentencepiece[^/]*)\.model$/;
const HUB_LIMIT = 2000e6;
/** A line of news each so many bytes. */
const NEWS = 50e6;

export interface HubModelOptions {
  readonly asking: Asking;
  /** Makes room for a file of the repository and says its path on the disk. */
  readonly to: (path: string) => string;
  readonly maxBytes?: number | undefined;
  readonly onStep?: ((words: Words) => void) | undefined;
}

export interface HubModel {
  readonly repo: string;
  readonly commit: string;
  readonly licence?: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** Fetches a model; size and licence are said before the first byte. UsageError for what the Hub refuses, for a model without safetensors, and for one that is too large. */
export async function fetchHubModel(asked: HubName, { asking, to, maxBytes = HUB_LIMIT, onStep }: HubModelOptions): Promise<HubModel> {
  const direct = throughProxies();
  try {
    const { name, repo, revision } = asked;
    const command = `ladder model add ${asWord(name)}`;
    const opened = await openHubRepo({ kind: 'model', repo, ...(revision !== undefined && { revision }), asking, command });
    const chosen = await filesOf(opened, asked);
    const bytes = chosen.reduce((sum, { size }) => sum + size, 0);
    const stated: Words = opened.licence === undefined ? { en: 'none stated', zh: '未注明' } : { en: opened.licence, zh: opened.licence };
    onStep?.({
      en: `${name}: ${chosen.length} files, ${megabytes(bytes)}; licence: ${stated.en}`,
      zh: `${name}：${chosen.length} 个文件，${megabytes(bytes)}；许可：${stated.zh}`,
    });
    if (bytes > maxBytes) throw tooLarge(asking, command, bytes, maxBytes);
    const onBytes = news(name, bytes, onStep);
    const files: HubModel['files'][number][] = [];
    for (const file of chosen) {
      const sha256 = await downloadHubFile(opened, file, { to: to(file.path), onBytes });
      files.push({ path: file.path, bytes: file.size, sha256 });
    }
    return { repo, commit: opened.commit, ...(opened.licence !== undefined && { licence: opened.licence }), files };
  } finally {
    direct();
  }
}

async function filesOf(opened: HubRepo, { path }: HubName): Promise<readonly HubFile[]> {
  const { where } = opened.address.asking;
  if (path !== undefined) {
    const found = await opened.find(path);
    if (found === undefined) {
      throw refused(
        where,
        { en: `a file or folder ${printableLine(path)} in it`, zh: `其中有文件或目录 ${printableLine(path)}` },
        { en: 'none', zh: '没有' },
      );
    }
    return found === 'folder' ? opened.list(path) : [found];
  }
  const all = await opened.list();
  const wanted = all.filter((file) => WANTED.test(file.path));
  if (wanted.some((file) => file.path.endsWith('.safetensors'))) return wanted;
  const others = all.filter((file) => /\.(gguf|onnx|bin|npz|safetensors)$/.test(file.path)).map((file) => printableLine(file.path));
  const shown = others.slice(0, 5).join(', ');
  throw refused(
    where,
    { en: 'a file *.safetensors at its top', zh: '顶层有 *.safetensors 文件' },
    others.length === 0 ? { en: 'no weights', zh: '没有权重' } : shown,
    {
      hint: {
        en: `name a file or a folder: ladder model add hf:${opened.address.repo}:<path>`,
        zh: `请指明文件或目录：ladder model add hf:${opened.address.repo}:<路径>`,
      },
    },
  );
}

function tooLarge({ where }: Asking, command: string, bytes: number, maxBytes: number) {
  const hint = `${command} --max-mb ${Math.ceil(bytes / 1e6)}`;
  return refused(where, { en: `at most ${megabytes(maxBytes)}`, zh: `不超过 ${megabytes(maxBytes)}` }, megabytes(bytes), { hint });
}

/** Says how far a long download has come. */
function news(name: string, total: number, onStep: HubModelOptions['onStep']): (bytes: number) => void {
  let [done, said] = [0, 0];
  return (bytes) => {
    done += bytes;
    if (done - said < NEWS || done === total) return;
    said = done;
    const far = `${megabytes(done)} / ${megabytes(total)}`;
    onStep?.({ en: `${name}: ${far}`, zh: `${name}：${far}` });
  };
}
