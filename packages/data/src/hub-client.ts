/** One dataset or model of the Hugging Face Hub, through the Hub's own client; what goes wrong is one line. HF_ENDPOINT and HF_TOKEN mean what they mean there. */
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { LadderError, refused, type UsageError, type Words } from '@llm-ladder/backend/errors';
import type { Asking } from './asking.ts';
import { printableLine } from './printable.ts';

export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Known for large files. */
  readonly sha256?: string;
}

/** Which repository, and how errors and hints name it. */
export interface HubAddress {
  readonly kind: 'dataset' | 'model';
  /** `owner/name`. */
  readonly repo: string;
  /** A branch, a tag or a commit; without it, the main branch. */
  readonly revision?: string;
  readonly asking: Asking;
  /** The command that asks for it: `ladder data add hf:me/set`. */
  readonly command: string;
}

/** A repository at one commit. Each function throws a UsageError that begins with `asking.where`. */
export interface HubRepo {
  readonly address: HubAddress;
  readonly commit: string;
  /** As the card states it. */
  readonly licence?: string;
  /** The head of the card, unchecked. */
  readonly card: Readonly<Record<string, unknown>>;
  /** Every file, or those below a folder. */
  readonly list: (folder?: string) => Promise<HubFile[]>;
  /** The file of that path, 'folder', or undefined when there is neither. */
  readonly find: (path: string) => Promise<HubFile | 'folder' | undefined>;
  /** Bytes of a file, from the first place up to but not with the last. */
  readonly read: (file: HubFile, from: number, to: number) => Promise<Uint8Array<ArrayBuffer>>;
}

const KINDS = { dataset: { en: 'dataset', zh: '数据集' }, model: { en: 'model', zh: '模型' } } as const;
/** A repository with more files than this is not listed to its end. */
const MOST_FILES = 100_000;
/** A connection that breaks, or a Hub that stumbles, is tried again after so many milliseconds. */
const PAUSES = [500, 2000];

/** Makes `fetch` heed HTTP_PROXY, HTTPS_PROXY and NO_PROXY, where this Node can; returns what takes that back. UsageError for an address that is none. */
export function throughProxies(): () => void {
  try {
    return http.setGlobalProxyFromEnv?.() ?? (() => {});
  } catch (cause) {
    const got = printableLine((cause as Error).message);
    throw refused('HTTP_PROXY, HTTPS_PROXY', { en: 'the address of a proxy', zh: '代理的地址' }, got, { cause });
  }
}

/** Finds the commit behind the revision that was asked for. UsageError for what the Hub refuses, and for an HF_ENDPOINT or HF_TOKEN of another form. */
export async function openHubRepo(address: HubAddress): Promise<HubRepo> {
  const { datasetInfo, downloadFile, HUB_URL, listFiles, modelInfo, pathsInfo } = await import('@huggingface/hub');
  const endpoint = endpointOf(process.env.HF_ENDPOINT || HUB_URL);
  const token = tokenOf(process.env.HF_TOKEN?.trim() ?? '');
  const asking = <T>(work: () => Promise<T>) => answerOf(work, { address, endpoint, hasToken: token !== undefined });
  const common = { hubUrl: endpoint, fetch: fetchFrom(new URL(endpoint)), ...(token !== undefined && { accessToken: token }) };
  const { kind, repo } = address;
  const revision = address.revision === undefined ? {} : { revision: address.revision };

  const { sha: commit, cardData } = await asking(async () => {
    const wanted = { ...common, ...revision, name: repo, additionalFields: ['sha' as const, 'cardData' as const] };
    const info = kind === 'model' ? await modelInfo(wanted) : await datasetInfo(wanted);
    if (!/^[0-9a-f]{40,64}$/.test(info.sha)) throw new Error('no commit');
    return info;
  });
  const card = (cardData ?? {}) as Record<string, unknown>;
  const licence = [card.license, card.license_name].flat().filter((word) => typeof word === 'string' && word !== '');
  const at = { ...common, repo: { type: kind, name: repo }, revision: commit };
  const blobs = new Map<string, Blob>();

  return {
    address,
    commit,
    card,
    ...(licence.length > 0 && { licence: printableLine(licence.join(', ')) }),
    list: (folder) =>
      asking(async () => {
        const files: HubFile[] = [];
        for await (const entry of listFiles({ ...at, recursive: true, ...(folder !== undefined && { path: inUrl(folder) }) })) {
          if (entry.type === 'file' && isInside(entry.path)) files.push(fileOf(entry));
          if (files.length > MOST_FILES) throw tooMany(address);
        }
        return files;
      }),
    find: (path) =>
      asking(async () => {
        const [found] = await pathsInfo({ ...at, paths: [path] });
        if (found?.path !== path) return undefined;
        return found.type === 'directory' ? 'folder' : fileOf(found);
      }),
    read: (file, from, to) =>
      asking(async () => {
        // Plain HTTP: the Hub's chunk protocol (xet) gains nothing for a read from start to end, and is one more service to reach.
        const blob = blobs.get(file.path) ?? (await downloadFile({ ...at, path: inUrl(file.path), xet: false }));
        if (blob === null) throw new Answer(404, 'EntryNotFound');
        blobs.set(file.path, blob);
        const bytes = new Uint8Array(await blob.slice(from, to).arrayBuffer());
        if (bytes.length !== to - from) throw new TypeError('terminated');
        return bytes;
      }),
  };
}

// --- what is asked ---

/** What the Hub answers in place of what was asked for. */
class Answer extends Error {
  readonly status: number;
  /** `GatedRepo`, `RevisionNotFound`, ... */
  readonly kind: string;

  constructor(status: number, kind: string) {
    super(kind === '' ? `${status}` : `${status} (${kind})`);
    this.status = status;
    this.kind = kind;
  }
}

/** `fetch` that keeps the token from other hosts, and throws an Answer for what is none of the bytes asked for. */
function fetchFrom({ origin }: URL): typeof fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const headers = new Headers(init?.headers);
    if (url.origin !== origin) headers.delete('authorization');
    const response = await fetch(url, { ...init, headers });
    if (response.ok && !(headers.has('range') && isWhole(response))) return response;
    await response.body?.cancel();
    if (response.ok) throw new Answer(response.status, 'no ranges');
    throw new Answer(response.status, printableLine(response.headers.get('x-error-code') ?? ''));
  };
}

/** A server that sends all of a file where a part was asked for; a description of the file is no such answer. */
function isWhole({ status, headers }: Response): boolean {
  return status === 200 && headers.get('content-type')?.includes('xet-fileinfo') !== true;
}

function fileOf({ path, size, lfs }: { path: string; size: number; lfs?: { oid: string; size: number } | undefined }): HubFile {
  const sha256 = lfs !== undefined && /^[0-9a-f]{64}$/.test(lfs.oid) ? { sha256: lfs.oid } : {};
  return { path, size: Number(lfs?.size ?? size), ...sha256 };
}

function isInside(path: string): boolean {
  return !path.split('/').some((part) => ['', '.', '..'].includes(part));
}

function inUrl(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

// --- what goes wrong ---

interface Conversation {
  readonly address: HubAddress;
  readonly endpoint: string;
  readonly hasToken: boolean;
}

/** What `work` gives; a connection that breaks on the way, and an error of the Hub's, are tried again. */
async function answerOf<T>(work: () => Promise<T>, talk: Conversation): Promise<T> {
  for (const milliseconds of [...PAUSES, undefined]) {
    try {
      return await work();
    } catch (error) {
      if (milliseconds === undefined || !mayPass(error)) throw inOneLine(error, talk);
      await pause(milliseconds);
    }
  }
  throw new Error('not reached');
}

const AWAY = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

function mayPass(error: unknown): boolean {
  if (error instanceof Answer) return error.status >= 500;
  return isOfNetwork(error) && !AWAY.includes(codeOf(error));
}

/** `fetch` rejects with a TypeError, and with no other, for all that the network does. */
function isOfNetwork(error: unknown): error is TypeError {
  return error instanceof TypeError && (error.cause !== undefined || error.message === 'terminated');
}

function codeOf({ cause }: { cause?: unknown }): string {
  const { code, errors } = (cause ?? {}) as { code?: string; errors?: { code?: string }[] };
  return code ?? errors?.[0]?.code ?? '';
}

function inOneLine(error: unknown, { address, endpoint, hasToken }: Conversation): LadderError {
  const { where, offline } = address.asking;
  const network: Words = {
    en: `check the network, or set HF_ENDPOINT to a mirror of the Hub${offline ? `; ${offline.en}` : ''}`,
    zh: `请检查网络，或用 HF_ENDPOINT 指向 Hub 的镜像${offline ? `；${offline.zh}` : ''}`,
  };
  const answering: Words = { en: `an answer of the Hub at ${endpoint}`, zh: `能得到 ${endpoint} 的回答` };
  if (error instanceof Answer) return refusal(error, address, answering, hasToken);
  if (LadderError.isInstance(error)) return error;
  if (!isOfNetwork(error)) return refused(where, answering, { en: 'something else', zh: '别的内容' }, { hint: network, cause: error });
  const code = codeOf(error);
  const got = AWAY.includes(code)
    ? { en: `no connection (${code})`, zh: `连不上（${code}）` }
    : { en: `a connection that broke${code && ` (${code})`}`, zh: `连接中断${code && `（${code}）`}` };
  return refused(where, answering, got, { hint: network, cause: error });
}

function refusal({ status, kind, message: got }: Answer, address: HubAddress, answering: Words, hasToken: boolean): UsageError {
  const { repo, revision, command, asking } = address;
  const { where } = asking;
  const it = KINDS[address.kind];
  if (status === 429) {
    const hint: Words = {
      en: 'too many requests: wait some minutes, or set HF_TOKEN, which allows more',
      zh: '请求太频繁：请等几分钟，或设置 HF_TOKEN 以提高限额',
    };
    return refused(where, answering, got, { hint });
  }
  if (status === 401 || status === 403) {
    const hint: Words = hasToken
      ? {
          en: `check the name and HF_TOKEN: the token must be valid and may need the terms on the ${it.en}'s page to be accepted`,
          zh: `请检查名字和 HF_TOKEN：令牌必须有效，有的${it.zh}还要先在其页面上同意条款`,
        }
      : {
          en: `check the name; for a gated or private ${it.en} accept the terms on its page, then set HF_TOKEN to a token of yours`,
          zh: `请检查名字；受限或私有的${it.zh}要先在其页面上同意条款，再把 HF_TOKEN 设为你的令牌`,
        };
    return refused(where, { en: `a ${it.en} that is there and open to you`, zh: `存在且你有权访问的${it.zh}` }, got, { hint });
  }
  if (kind === 'RevisionNotFound') {
    return refused(where, { en: `a revision of ${repo}`, zh: ` ${repo} 的一个版本` }, revision ?? got, { hint: command });
  }
  if (status === 404) {
    const hint: Words = { en: 'check the name', zh: '请检查名字' };
    return refused(where, { en: `a ${it.en} that is there`, zh: `存在的${it.zh}` }, got, { hint });
  }
  const later: Words = {
    en: 'try again later, or set HF_ENDPOINT to a mirror of the Hub',
    zh: '请稍后再试，或用 HF_ENDPOINT 指向 Hub 的镜像',
  };
  return refused(where, answering, got, { hint: later });
}

function tooMany({ asking, repo }: HubAddress): UsageError {
  const hint: Words = { en: `name a folder: hf:${repo}:<folder>`, zh: `请指明目录：hf:${repo}:<目录>` };
  const limit = MOST_FILES.toLocaleString('en');
  return refused(asking.where, { en: `at most ${limit} files`, zh: `不超过 ${limit} 个文件` }, { en: 'more', zh: '更多' }, { hint });
}

/** Where the Hub is, without a slash at its end. */
function endpointOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return address.replace(/\/+$/, '');
  throw refused('HF_ENDPOINT', { en: 'an address such as https://...', zh: '形如 https://... 的地址' }, JSON.stringify(address));
}

function tokenOf(token: string): string | undefined {
  if (token === '' || /^hf_[!-~]+$/.test(token)) return token || undefined;
  const got = { en: `${token.length} other characters`, zh: `别的 ${token.length} 个字符` };
  throw refused('HF_TOKEN', { en: 'a token that begins with hf_', zh: '以 hf_ 开头的令牌' }, got);
}
