/**
 * The `webgpu` backend in a process of its own, on whatever adapter this machine has; without a GPU on SwiftShader, whose Vulkan driver comes
 * with Debian's chromium (its folder must be on the loader's path before the process starts).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const url = (file: string) => JSON.stringify(new URL(`../src/${file}`, import.meta.url).href);
const prelude = `
  import { tf, useBackend, deviceInfo } from ${url('index.ts')};
  import { webgpuStatus } from ${url('webgpu.ts')};
  const say = (value) => console.log('#' + JSON.stringify(value));
`;

const plain = ask({}, 'say(await webgpuStatus());') as Status;
const shader = plain.available || !existsSync(SWIFTSHADER) ? undefined : swiftshader();
const status = shader === undefined ? plain : (ask(shader, 'say(await webgpuStatus());') as Status);
const reason = status.available ? undefined : `${status.reason}; ${status.hint}`;
if (reason !== undefined) {
  console.warn(`webgpu: not run (${reason})`);
  test.skip(`webgpu: not run (${reason})`, () => {});
}

test('without an adapter or a package the error says what to install', () => {
  const nowhere = { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json', LD_LIBRARY_PATH: '' };
  const script = "await useBackend('webgpu').then(() => say('ready'), (e) => say([e.name, e.message, e.hint]));";
  const answer = ask(nowhere, script) as 'ready' | [string, string, string];
  if (answer === 'ready') return; // macOS and Windows need no Vulkan: nothing to take away
  expect(answer).toEqual(['BackendError', expect.stringMatching(/^webgpu: expected .*, got/), expect.stringMatching(/install|update/)]);
});

describe.skipIf(reason !== undefined)('on an adapter', () => {
  test('the status names it, and a software adapter is not a GPU', () => {
    const info = run("await useBackend('webgpu'); say(await deviceInfo());") as { device: string; gpu: boolean };
    expect(info.device).toContain(status.adapter);
    expect(info.gpu).toBe(!status.software);
    if (shader !== undefined) expect(status).toMatchObject({ adapter: expect.stringMatching(/swiftshader/i), software: true });
  });

  test('auto passes over a software adapter', () => {
    const chosen = run("say([await useBackend('auto'), (await webgpuStatus()).software]);", { LADDER_CACHE: '/no such cache' });
    const [name, software] = chosen as [string, boolean];
    expect(name).toBe(software ? 'wasm' : 'webgpu');
  });

  test('training steps of a small attention block take the path of the cpu backend', () => {
    const script = `
      const train = async (backend) => {
        await useBackend(backend);
        const D = 24, T = 16;
        const w = ['q', 'k', 'v', 'o'].map((name, i) => tf.variable(tf.randomNormal([D, D], 0, 0.2, 'float32', i + 1), true, backend + name));
        const x = tf.randomNormal([3, T, D], 0, 1, 'float32', 9), y = tf.randomNormal([3, T, D], 0, 1, 'float32', 10);
        const mask = tf.linalg.bandPart(tf.ones([T, T]), -1, 0).sub(1).mul(1e9);
        const optimizer = tf.train.adam(0.05);
        const losses = [];
        for (let step = 0; step < 5; step++) {
          const loss = optimizer.minimize(() => {
            const [q, k, v] = w.slice(0, 3).map((m) => tf.matMul(x, m));
            const weights = tf.softmax(tf.matMul(q, k, false, true).div(Math.sqrt(D)).add(mask));
            return tf.matMul(tf.matMul(weights, v), w[3]).sub(y).square().mean();
          }, true);
          losses.push((await loss.data())[0]);
        }
        return losses;
      };
      say([await train('webgpu'), await train('cpu')]);
    `;
    const [webgpu, cpu] = run(script) as [number[], number[]];
    expect(cpu[4]).toBeLessThan((cpu[0] as number) * 0.9);
    for (const [i, loss] of webgpu.entries()) expect(loss).toBeCloseTo(cpu[i] as number, 4);
  });

  test('a reverse cumulative sum is right at a second length too', () => {
    const script = `await useBackend('webgpu');
      const last = [];
      for (const n of [4, 2000, 1500]) last.push((await tf.cumsum(tf.ones([n]), 0, false, true).data())[0], (await tf.cumsum(tf.ones([n]), 0, true, true).data())[0]);
      say(last);`;
    expect(run(script)).toEqual([4, 3, 2000, 1999, 1500, 1499]);
  });

  test('a synchronous read says what to write instead', () => {
    const script = `await useBackend('webgpu');
      const x = tf.ones([64, 64]);
      try { x.matMul(x).dataSync(); say('read'); } catch (e) { say([e.name, e.message]); }`;
    expect(run(script)).toEqual(['BackendError', expect.stringContaining('await tensor.data()')]);
  });
});

// --- helpers ---

interface Status {
  readonly available: boolean;
  readonly adapter?: string;
  readonly software?: boolean;
  readonly reason?: string;
  readonly hint?: string;
}

function swiftshader(): Record<string, string> {
  return { VK_ICD_FILENAMES: SWIFTSHADER, LD_LIBRARY_PATH: [dirname(SWIFTSHADER), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') };
}

function run(script: string, env: Record<string, string> = {}): unknown {
  return ask({ ...shader, ...env }, script);
}

/** What `script` says, in a fresh process. */
function ask(env: Record<string, string>, script: string): unknown {
  const flags = ['--no-warnings', '--input-type=module', '-e', prelude + script];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 120_000 });
  const said = stdout.split('\n').find((line) => line.startsWith('#'));
  if (said === undefined) throw new Error(`the process said nothing: ${stderr}`);
  return JSON.parse(said.slice(1));
}
