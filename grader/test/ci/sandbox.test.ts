/** sandbox.sh on machines that are not here: what it calls is on a PATH of its own, where each call is written down. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '@llm-ladder/testing/temporary-folder';
import { expect, test } from 'vitest';

const script = path.resolve(import.meta.dirname, '../../ci/sandbox.sh');

/** Runs the script with these programs; `$CALLS` is the list of what `sudo` was asked, `$STATE` a folder for them to share. */
function prepare(programs: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}): { said: string; calls: string } {
  const bin = temporaryFolder();
  const calls = path.join(bin, 'calls');
  for (const name of ['bash', 'cat', 'tee'])
    symlinkSync(['/usr/bin', '/bin'].map((folder) => path.join(folder, name)).find(existsSync)!, path.join(bin, name));
  const all = {
    id: 'echo 1000',
    sudo: 'shift; echo "$@" >> "$CALLS"; if [ "$1" = tee ]; then cat >> "$CALLS"; else "$@"; fi',
    ...programs,
  };
  for (const [name, text] of Object.entries(all)) {
    writeFileSync(path.join(bin, name), `#!/bin/bash\n${text}\n`);
    chmodSync(path.join(bin, name), 0o755);
  }
  const said = execFileSync('/bin/bash', [script], { env: { PATH: bin, CALLS: calls, STATE: bin, ...env }, encoding: 'utf8' });
  return { said: said.trim(), calls: existsSync(calls) ? readFileSync(calls, 'utf8') : '' };
}

const worksAfter = (file: string): string => `[ -e "$STATE/${file}" ]`;

test('asks for nothing where bubblewrap works', () => {
  expect(prepare({ bwrap: 'true' })).toEqual({ said: 'bubblewrap works', calls: '' });
});

test('gives bubblewrap, and only it, a profile where AppArmor keeps namespaces from it', () => {
  const { said, calls } = prepare({ bwrap: worksAfter('loaded'), apparmor_parser: 'touch() { : > "$1"; }; touch "$STATE/loaded"' });
  expect(said).toBe('bubblewrap works, with an AppArmor profile of its own');
  expect(calls).toMatch(
    /^tee \/etc\/apparmor\.d\/bwrap\n[\s\S]*profile bwrap \S.*\/bwrap flags=\(unconfined\) \{\n {2}userns,\n\}\napparmor_parser -r \/etc\/apparmor\.d\/bwrap\n$/,
  );
  expect(calls).not.toContain('sysctl');
});

test('opens namespaces to everything only when the profile did not help', () => {
  const { said, calls } = prepare({ bwrap: worksAfter('open'), apparmor_parser: 'exit 1', sysctl: ': > "$STATE/open"' });
  expect(said).toBe('bubblewrap works; AppArmor now allows namespaces to every program');
  expect(calls).toContain('sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0');
});

test('says so where it cannot, as a warning on GitHub and in Chinese on request, and fails no job', () => {
  const refused = { bwrap: 'exit 1', sysctl: 'exit 1' };
  expect(prepare(refused).said).toBe('this machine keeps namespaces from bubblewrap: the grader takes another box');
  expect(prepare(refused, { GITHUB_ACTIONS: 'true', LADDER_LANG: 'zh' }).said).toBe(
    '::warning::这台机器不给 bubblewrap 命名空间：评分器将使用别的沙箱',
  );
  expect(prepare({ 'apt-get': 'exit 100' }).said).toBe('bubblewrap could not be installed: the grader takes a weaker box');
  expect(prepare({ 'apt-get': 'exit 100', sudo: 'exit 1' }, { GITHUB_ACTIONS: 'true' }).said).toMatch(
    /^::warning::bubblewrap could not be installed/,
  );
});

test('installs bubblewrap where it is missing', () => {
  const { said, calls } = prepare({
    'apt-get': '[ "$1" = update ] || { echo "#!/bin/bash" > "$STATE/bwrap"; /bin/chmod 755 "$STATE/bwrap"; }',
  });
  expect(said).toBe('bubblewrap works');
  expect(calls).toBe('apt-get update\napt-get install -y --no-install-recommends bubblewrap\n');
});
