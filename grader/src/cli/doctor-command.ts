/** `ladder doctor` and `ladder backend install`: what this machine has, what it lacks, and how to get it. */
import type { BackendReport } from '@llm-ladder/backend';
import { UsageError } from '@llm-ladder/backend/errors';
import pc from 'picocolors';
import { strongestDriver } from '../box/index.ts';
import { say } from '../format/words.ts';
import { strongerBox } from '../grading/strong-box.ts';
import { padDisplay } from '../report/width.ts';
import type { ExitCode } from './exit-code.ts';

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

export async function doctorCommand({ json, measure }: { readonly json: boolean; readonly measure: boolean }): Promise<ExitCode> {
  const { doctor } = await import('@llm-ladder/backend');
  const [box, machine] = await Promise.all([strongestDriver(), doctor({ measure })]);
  if (json) {
    process.stdout.write(`${JSON.stringify({ version: 1, box, ...machine })}\n`);
    return 0;
  }
  print(`Node ${machine.node} · ${machine.platform} · ${machine.cpus} CPU · ${machine.memoryGb} GB · TensorFlow.js ${machine.tfjs}`);
  const stronger = strongerBox(box);
  print(row(stronger === undefined, say({ en: 'box', zh: '沙箱' }), box));
  if (stronger !== undefined) print(pc.dim(`    ${stronger}`));
  for (const backend of machine.backends) printBackend(backend);
  print(say({ en: `What grades uses wasm; what trains uses ${machine.auto}.`, zh: `评分使用 wasm；训练使用 ${machine.auto}。` }));
  return 0;
}

function printBackend({ name, state, device, gpu, roofline, reason, hint }: BackendReport): void {
  print(row(state === 'ready', name, state === 'ready' ? `${device ?? ''}${gpu ? ' (GPU)' : ''}` : (reason ?? '')));
  if (hint !== undefined) print(pc.dim(`    ${hint}`));
  if (roofline === undefined) return;
  print(pc.dim(`    matmul ${roofline.matmulGflops.toFixed(1)} GFLOP/s · copy ${roofline.copyGbps.toFixed(1)} GB/s`));
}

const row = (ready: boolean, name: string, text: string): string =>
  `${ready ? pc.green('✓') : pc.yellow('-')} ${padDisplay(name, 11)} ${text}`;

export async function backendInstallCommand({
  cuda,
  cudaLibraries,
}: {
  readonly cuda: boolean;
  readonly cudaLibraries: boolean;
}): Promise<ExitCode> {
  if (!cuda && !cudaLibraries) throw new UsageError('backend install', '--cuda beside --no-cuda-libraries', 'none');
  const { installTensorflow } = await import('@llm-ladder/backend/tensorflow');
  const live = process.stderr.isTTY;
  let last = '';
  const result = await installTensorflow({
    cuda,
    cudaLibraries,
    onStep: ({ id, message, bytes, totalBytes }) => {
      const amount =
        bytes === undefined ? '' : ` ${(bytes / 1e6).toFixed(0)}${totalBytes === undefined ? '' : `/${(totalBytes / 1e6).toFixed(0)}`} MB`;
      if (live) process.stderr.write(`${last === id ? '\r\u001b[K' : last === '' ? '' : '\n'}${message}${amount}`);
      else if (id !== last) process.stderr.write(`${message}\n`);
      last = id;
    },
  });
  if (live && last !== '') process.stderr.write('\n');
  const what = `TensorFlow ${result.version}, ${result.device}`;
  print(
    result.alreadyInstalled
      ? say({ en: `The tensorflow backend is installed already (${what}).`, zh: `tensorflow 后端已经安装（${what}）。` })
      : say({
          en: `The tensorflow backend works (${what}, ${result.seconds.toFixed(0)} s). What trains uses it from now on.`,
          zh: `tensorflow 后端可用（${what}，用时 ${result.seconds.toFixed(0)} 秒）。今后训练会用它。`,
        }),
  );
  return 0;
}

export async function backendUninstallCommand(): Promise<ExitCode> {
  const { uninstallTensorflow } = await import('@llm-ladder/backend/tensorflow');
  const removed = await uninstallTensorflow();
  print(
    removed.length === 0
      ? say({ en: 'Nothing was installed.', zh: '没有安装过。' })
      : removed.map((folder) => `${say({ en: 'Removed', zh: '已删除' })}: ${folder}`).join('\n'),
  );
  return 0;
}
