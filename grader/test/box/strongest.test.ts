/** Which box is taken, what is said when a stronger one is not, and what --strict takes. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { GraderError } from '@llm-ladder/backend/errors';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { landlockVersion } from '../../src/box/drivers/confine.ts';
import { isOpen } from '../../src/box/drivers/uid.ts';
import { readableInBox, strongDrivers, strongestDriver } from '../../src/box/index.ts';
import { bubblewrapObstacle } from '../../src/box/obstacle.ts';
import { setLang } from '../../src/format/words.ts';
import { requireStrong, strongerBox } from '../../src/grading/strong-box.ts';
import { drivers, isLinux } from './helpers.ts';

let top: string;
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'ladder strongest-'));
});
afterAll(() => rmSync(top, { recursive: true, force: true }));
afterEach(() => setLang(undefined));

/** A machine with bubblewrap and these kernel settings. */
function machine(settings: Readonly<Record<string, string>>, { root = false, installed = true } = {}) {
  const sys = mkdtempSync(join(top, 'sys-'));
  const bin = mkdtempSync(join(top, 'bin-'));
  if (installed) writeFileSync(join(bin, 'bwrap'), '');
  for (const [name, value] of Object.entries(settings)) {
    mkdirSync(join(sys, name, '..'), { recursive: true });
    writeFileSync(join(sys, name), `${value}\n`);
  }
  return { root, sys, path: ['/nowhere', bin].join(delimiter) };
}

test('the strongest is the first that starts', async () => {
  const byStrength = ['bubblewrap', 'uid', 'permission', 'plain'];
  expect(await strongestDriver()).toBe(byStrength.find((driver) => drivers.some((one) => one === driver)));
});

const ubuntu = { 'kernel/apparmor_restrict_unprivileged_userns': '1', 'user/max_user_namespaces': '63000' };
test.each([
  ['absent', machineOf({}, { installed: false })],
  ['apparmor', machineOf(ubuntu)],
  ['refused', machineOf(ubuntu, { root: true })],
  ['sysctl', machineOf({ 'kernel/unprivileged_userns_clone': '0' })],
  ['count', machineOf({ ...ubuntu, 'user/max_user_namespaces': '0' }, { root: true })],
  ['refused', machineOf({ 'user/max_user_namespaces': '63000' })],
] as const)('what keeps bubblewrap from starting: %s', (obstacle, make) => {
  expect(bubblewrapObstacle(make())).toBe(obstacle);
});

function machineOf(...given: Parameters<typeof machine>): () => ReturnType<typeof machine> {
  return () => machine(...given);
}

test('a strong box leaves nothing to say, a weak one is told its next step in both languages', () => {
  for (const driver of strongDrivers) expect(strongerBox(driver)).toBeUndefined();
  for (const [language, words] of [
    ['en', /[a-z]/],
    ['zh', /沙箱|命名空间/],
  ] as const) {
    setLang(language);
    expect(strongerBox('permission')).toMatch(words);
    expect(strongerBox('permission')).not.toContain('\n');
  }
});

test('strict takes bubblewrap and uid, and refuses the others by name', () => {
  for (const driver of strongDrivers) requireStrong(driver, []);
  for (const driver of ['permission', 'plain'] as const) {
    expect(() => requireStrong(driver, [])).toThrow(GraderError);
    expect(() => requireStrong(driver, [])).toThrow(`expected the box bubblewrap or uid, got ${driver}`);
  }
});

test.runIf(isLinux)('a file is open when every user may reach and read it', () => {
  const file = join(top, 'hidden.test.ts');
  writeFileSync(file, '');
  for (const [folderMode, fileMode, open] of [
    [0o755, 0o644, true],
    [0o700, 0o644, false],
    [0o755, 0o640, false],
    [0o711, 0o644, true],
  ] as const) {
    chmodSync(top, folderMode);
    chmodSync(file, fileMode);
    expect(isOpen(file)).toBe(open);
    expect(readableInBox('bubblewrap', file)).toBe(false);
    expect(readableInBox('permission', file)).toBe(true);
    // With Landlock the modes do not matter.
    if (drivers.includes('uid')) expect(readableInBox('uid', file)).toBe(open && landlockVersion() === 0);
  }
});
