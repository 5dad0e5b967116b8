/** Installs the workspace when what is installed is not what the lockfile says. Writes to stderr only: stdout belongs to the command. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Does nothing when the stamp of the last install equals the lockfile, the package.jsons and this platform. */
export async function ensureInstalled(root) {
  const stampFile = path.join(root, 'node_modules', '.ladder-installed');
  const stamp = stampOf(root);
  if (readIfThere(stampFile) === stamp) return;

  const { packageManager } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  process.stderr.write(`Installing the course with ${packageManager} (the first time takes about a minute) ...\n`);
  // An author's new package is not in the lockfile yet; CI takes the lockfile as it is committed.
  const lockfile = process.env.CI ? '--frozen-lockfile' : '--no-frozen-lockfile';
  const { code, output } = await runNpx(['--yes', packageManager, 'install', lockfile], root);
  if (code !== 0) throw explain(output, packageManager);
  fs.writeFileSync(stampFile, stamp);
}

function stampOf(root) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'];
  for (const folder of ['packages', '.']) {
    for (const name of fs.readdirSync(path.join(root, folder)).sort()) files.push(path.join(folder, name, 'package.json'));
  }
  for (const file of files) hash.update(`${file}\n${file.startsWith('node_modules') ? '' : (readIfThere(path.join(root, file)) ?? '')}\n`);
  return hash.digest('hex');
}

/** Runs npx through npm's own JavaScript when npm started us: no shell, so paths with spaces and Windows work alike. */
function runNpx(args, cwd) {
  const npmCli = process.env.npm_execpath ?? '';
  const viaNpm = /npm-cli\.js$/.test(npmCli);
  const [command, words] = viaNpm ? [process.execPath, [npmCli, 'exec', ...args.slice(0, 1), '--', ...args.slice(1)]] : ['npx', args];
  const env = { ...process.env, npm_config_loglevel: 'error', npm_config_update_notifier: 'false', CI: process.env.CI ?? 'true' };
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], shell: !viaNpm && process.platform === 'win32' });
    let output = '';
    const take = (chunk) => {
      output = (output + chunk).slice(-20_000);
      if (process.stderr.isTTY) process.stderr.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function explain(output, packageManager) {
  const network =
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network|fetch failed|error sending request|dns error|META_FETCH_FAIL/i;
  const [message, hint] = network.test(output)
    ? [
        'install: expected to reach the npm registry, got no answer',
        'Check the network or the proxy (npm config get registry), then run the same command again. Once installed, everything works offline.',
      ]
    : /ENOSPC|no space left/i.test(output)
      ? ['install: expected about 1 GB of free disk space, got a full disk', 'Free some space, then run the same command again.']
      : /EACCES|EPERM|EROFS|permission denied|read-only file system/i.test(output)
        ? [
            'install: expected a folder that can be written, got permission denied',
            'Clone the course into a folder of your own, then run the same command again.',
          ]
        : [
            `install: ${packageManager} failed`,
            'Its last lines stand above. Run the same command again; if it fails again, delete node_modules first.',
          ];
  if (!network.test(output) && !process.stderr.isTTY) process.stderr.write(`${output.trimEnd().split('\n').slice(-15).join('\n')}\n`);
  return Object.assign(new Error(message), { hint });
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
