/**
 * A Hub on this machine that answers what @huggingface/hub 2.17.5 asks for a dataset (or, under /api/models/<id> and /<id>, for a model), in the form of the
 * real one:
 *   GET  /api/datasets/<id>/revision/<revision>?expand=...        commit, card
 *   GET  /api/datasets/<id>/tree/<commit>[/<folder>]?recursive=   entries, a page at a time; the next one in the Link header
 *   POST /api/datasets/<id>/paths-info/<commit>                   what lies at a path
 *   GET  /datasets/<id>/resolve/<commit>/<path>                   ranges; large files (.parquet) redirect to another host, as to the Hub's CDN
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface FakeDataset {
  readonly kind?: 'model';
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly card?: unknown;
  /** By the names of revisions; `HEAD` is what nobody names. */
  readonly commits?: Readonly<Record<string, string>>;
  /** Gated: files come to this token alone. */
  readonly token?: string;
  /** Entries on a page. */
  readonly page?: number;
  /** The list goes on at the other host, as no honest Hub's would. */
  readonly pagesElsewhere?: boolean;
  /** Goes before the real files at the end of the listing, as no honest Hub would. */
  readonly extra?: readonly { path: string; size: number }[];
  /** Connections end after so many bytes of a file. */
  readonly diesAfter?: number;
  /** A file that stops after its first byte and does not end. */
  readonly stallsAt?: string;
  /** How many answers of the kind before it gets well. */
  readonly stumbles?: { status: number; times: number };
  /** Ranges are ignored. */
  readonly wholeOnly?: boolean;
  /** The SHA-256 that it states for large files. */
  readonly sha256?: string;
  /** Called before a byte of a file is sent. */
  readonly onFile?: (path: string) => void;
}

export interface Asked {
  readonly host: 'hub' | 'cdn';
  readonly method: string;
  readonly url: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** Starts it and points HF_ENDPOINT to it until the test ends. */
export async function fakeHub(datasets: Readonly<Record<string, FakeDataset>>): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const stumbled = new Map<FakeDataset, number>();
  const cdn = await listening((request, response) => {
    note('cdn', request);
    const [, id = '', path = ''] = /^\/(\w+\/[\w.-]+)\/(.*)$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
    if (datasets[id] === undefined) sendJson(response, []);
    else sendFile(datasets[id], path, request, response);
  });
  const hub = await listening((request, response) => {
    note('hub', request);
    answer(request, response).catch((error: Error) => response.destroy(error));
  });
  setEnv('HF_ENDPOINT', `${hub}/`);
  return { url: hub, asked };

  function note(host: Asked['host'], { method = '', url = '', headers }: IncomingMessage): void {
    asked.push({ host, method, url, range: headers.range, authorization: headers.authorization });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', hub);
    const [, api, kind, id, what, rest = ''] = /^\/(api\/)?(datasets\/|models\/)?([^/]+\/[^/]+)\/([\w-]+)\/(.*)$/.exec(url.pathname) ?? [];
    const dataset = datasets[id ?? ''];
    const wanted = dataset?.kind === undefined ? 'datasets/' : api && 'models/';
    if (dataset === undefined || kind !== wanted) return fail(response, request.headers.authorization ? 404 : 401, 'RepoNotFound');
    const { stumbles } = dataset;
    const before = stumbled.get(dataset) ?? 0;
    if (stumbles !== undefined && what === 'resolve' && before < stumbles.times) {
      stumbled.set(dataset, before + 1);
      return fail(response, stumbles.status, '');
    }
    if (what === 'revision') return revision(dataset, decodeURIComponent(rest), response);
    const [commit = '', ...names] = rest.split('/').map(decodeURIComponent);
    if (!Object.values(commitsOf(dataset)).includes(commit)) return fail(response, 404, 'RevisionNotFound');
    const path = names.join('/');
    if (api && what === 'tree') return tree(dataset, path, url, response);
    if (api && what === 'paths-info') return pathsInfo(dataset, await bodyOf(request), response);
    if (dataset.token !== undefined && request.headers.authorization !== `Bearer ${dataset.token}`) return fail(response, 401, 'GatedRepo');
    if (!(path in dataset.files)) return fail(response, 404, 'EntryNotFound');
    if (!isLarge(path)) return sendFile(dataset, path, request, response);
    const size = Buffer.byteLength(dataset.files[path]!);
    const linked = { 'x-linked-size': `${size}`, 'x-linked-etag': '"e"', 'x-xet-hash': 'f'.repeat(64) };
    if (request.headers.accept?.includes('xet-fileinfo')) {
      const link = `<${hub}/xet/auth>; rel="xet-auth", <${hub}/xet/reconstruction>; rel="xet-reconstruction-info"`;
      response.writeHead(200, { ...linked, link, 'content-type': 'application/vnd.xet-fileinfo+json' }).end('{}');
      return;
    }
    response.writeHead(302, { ...linked, location: `${cdn}/${id}/${path.split('/').map(encodeURIComponent).join('/')}` }).end();
  }

  function tree(dataset: FakeDataset, folder: string, url: URL, response: ServerResponse): void {
    const below = [...entriesOf(dataset), ...(dataset.extra ?? []).map((one) => ({ ...one, type: 'file', oid: '0' }))].filter(
      ({ path }) => folder === '' || path.startsWith(`${folder}/`),
    );
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const page = dataset.page ?? 1000;
    if (from + page < below.length) {
      url.searchParams.set('cursor', `${from + page}`);
      const next = dataset.pagesElsewhere ? `${cdn}${url.pathname}${url.search}` : url;
      response.setHeader('link', `<${next}>; rel="next"`);
    }
    sendJson(response, below.slice(from, from + page));
  }
}

/** Takes what a machine's own settings would change out of the environment, until the test ends. */
export function plainEnv(): void {
  for (const name of ['HF_TOKEN', 'HF_ENDPOINT', ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((one) => [one, one.toLowerCase()])])
    setEnv(name, undefined);
}

/** Where nobody listens. */
export async function nobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}

/** Sets a variable of the environment until the test ends. */
export function setEnv(name: string, value: string | undefined): void {
  const before = process.env[name];
  const put = (one: string | undefined): void => {
    if (one === undefined) delete process.env[name];
    else process.env[name] = one;
  };
  put(value);
  onTestFinished(() => put(before));
}

// --- answers ---

function commitsOf({ commits }: FakeDataset): Readonly<Record<string, string>> {
  return commits ?? { HEAD: COMMIT, main: COMMIT };
}

function revision(dataset: FakeDataset, name: string, response: ServerResponse): void {
  const commits = commitsOf(dataset);
  const sha = commits[name] ?? Object.values(commits).find((commit) => commit === name);
  if (sha === undefined) fail(response, 404, 'RevisionNotFound');
  else
    sendJson(response, {
      _id: '1',
      id: 'x/y',
      sha,
      cardData: dataset.card,
      private: false,
      gated: false,
      lastModified: '2026-01-01T00:00:00Z',
    });
}

function pathsInfo(dataset: FakeDataset, body: string, response: ServerResponse): void {
  const { paths } = JSON.parse(body) as { paths: string[] };
  sendJson(
    response,
    entriesOf(dataset).filter(({ path }) => paths.includes(path)),
  );
}

/** Files and the folders above them, sorted by name. */
function entriesOf({ files, sha256 }: FakeDataset) {
  const folders = Object.keys(files).flatMap((path) =>
    path
      .split('/')
      .slice(0, -1)
      .map((_, i, names) => names.slice(0, i + 1).join('/')),
  );
  const entries = Object.entries(files).map(([path, content]) => {
    const size = Buffer.byteLength(content);
    const lfs = { oid: sha256 ?? createHash('sha256').update(content).digest('hex'), size, pointerSize: 130 };
    return { type: 'file', path, size, oid: '1'.repeat(40), ...(isLarge(path) && { lfs, xetHash: 'f'.repeat(64) }) };
  });
  const all = [...[...new Set(folders)].map((path) => ({ type: 'directory', path, size: 0, oid: '2'.repeat(40) })), ...entries];
  return all.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isLarge(path: string): boolean {
  return path.endsWith('.parquet');
}

function sendFile(dataset: FakeDataset, path: string, request: IncomingMessage, response: ServerResponse): void {
  dataset.onFile?.(path);
  const content = Buffer.from(dataset.files[path]!);
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const ranged = first !== undefined && dataset.wholeOnly !== true;
  const part = ranged ? content.subarray(Number(first), Number(last) + 1) : content;
  const range = ranged ? { 'content-range': `bytes ${first}-${last}/${content.length}` } : {};
  response.writeHead(ranged ? 206 : 200, {
    etag: '"e"',
    'content-length': part.length,
    'content-type': 'application/octet-stream',
    ...range,
  });
  if (dataset.stallsAt === path && part.length > 1) response.write(part.subarray(0, 1));
  else if (dataset.diesAfter === undefined || part.length <= dataset.diesAfter) response.end(part);
  else response.write(part.subarray(0, dataset.diesAfter), () => response.destroy());
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(code !== '' && { 'x-error-code': code }) });
  response.end(JSON.stringify({ error: code }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}

async function listening(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
