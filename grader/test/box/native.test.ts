/** Backends with native parts run in every driver where they are installed; elsewhere the error names what is missing. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { BackendError } from '@llm-ladder/backend/errors';
import { tensorflowPaths, tensorflowStatus } from '@llm-ladder/backend/tensorflow';
import { afterEach, expect, test, vi } from 'vitest';
import { isOpen } from '../../src/box/drivers/uid.ts';
import { type BoxBackend, type Driver, openBox, type TensorValue, tensor } from '../../src/box/index.ts';
import { drivers, limits, programOf } from './helpers.ts';

const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json';
const { installed } = await tensorflowStatus();
afterEach(() => {
  vi.unstubAllEnvs();
});

async function square(driver: Driver, backend: BoxBackend): Promise<void> {
  const box = await openBox({ driver, backend, limits: { ...limits, memoryMb: 4096 } });
  try {
    expect(box.backend).toBe(backend);
    await box.load(
      programOf(
        "import { tf } from '@llm-ladder/backend'; export const product = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.matMul(a, b);",
      ),
    );
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const { value, stats } = await box.call({ export: 'product' }, [x, x]);
    expect((value as TensorValue).toArray()).toEqual([
      [7, 10],
      [15, 22],
    ]);
    expect(stats.kernels).toEqual({ BatchMatMul: 1 });
    const gradient = await box.grad({ export: 'product' }, [x, x], { wrt: [0] });
    expect((gradient.value as TensorValue[])[0]?.toArray()).toEqual([
      [3, 7],
      [3, 7],
    ]);
  } finally {
    await box.close();
  }
}

test.skipIf(!installed).each(drivers)(
  'tensorflow computes and differentiates in %s, or says that its folder is closed to other users',
  async (driver) => {
    const closed = driver === 'uid' && !(await tensorflowPaths()).every(isOpen);
    if (closed) await expect(square(driver, 'tensorflow')).rejects.toThrow(/expected \S+ to be readable by every user/);
    else await square(driver, 'tensorflow');
  },
  60_000,
);

test.skipIf(!existsSync(swiftshader)).each(drivers)(
  'webgpu computes and differentiates in %s, on a software GPU',
  async (driver) => {
    vi.stubEnv('VK_ICD_FILENAMES', swiftshader);
    vi.stubEnv('LD_LIBRARY_PATH', dirname(swiftshader));
    await square(driver, 'webgpu');
  },
  60_000,
);

test.each(drivers)('a tensorflow that is not installed is named, in %s', async (driver) => {
  vi.stubEnv('LADDER_CACHE', '/nowhere');
  const opened = openBox({ driver, backend: 'tensorflow', limits });
  await expect(opened).rejects.toBeInstanceOf(BackendError);
  await expect(opened).rejects.toThrow(/tensorflow: expected it to be installed/);
});
