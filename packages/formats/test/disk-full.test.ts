import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './fixtures.ts';

const temporary = temporaryFolder();
const script = path.join(import.meta.dirname, 'save-small-folder.ts');
const contents = (folder: string) =>
  Object.fromEntries(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name))]));
const sh = (command: string, folder: string) =>
  execFileSync('sh', ['-c', command, 'sh', process.execPath, script, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Whether this user may mount a small disk in a namespace of its own. */
const mounts = spawnSync('unshare', ['-rm', 'sh', '-c', `mount -t tmpfs -o size=4k none ${temporary}`]).status === 0;

// A file-size limit breaks off a write in the middle of a file, as a full disk does. It needs no rights.
describe.skipIf(process.platform === 'win32')('writeModelFolder where there is no room', () => {
  test('keeps the model that was there, byte for byte, and says so in one line', () => {
    const folder = path.join(temporary, 'limited');
    expect(sh('"$@"', folder)).toBe('saved\n');
    const before = contents(folder);
    const said = sh('trap \'\' XFSZ; ulimit -f 200; "$@"', folder);
    expect(said).toBe(
      `writeModelFolder: expected room for the model in ${folder}, got a full disk (EFBIG) / free some space; what was there before is whole\n`,
    );
    expect(contents(folder)).toEqual(before);
    expect(sh('"$@"', folder)).toBe('saved\n'); // the control: with room the files do change
    expect(contents(folder)['model.safetensors']).not.toEqual(before['model.safetensors']);
  });

  test.skipIf(!mounts)('the same on a disk of 1 MB (skipped where one cannot be mounted)', () => {
    const disk = path.join(temporary, 'disk');
    fs.mkdirSync(disk);
    const folder = path.join(disk, 'model');
    // Two saves need twice the room: the first fits, the second does not.
    const command = `mount -t tmpfs -o size=1000k none ${disk}; "$@"; sha256sum ${folder}/*; "$@"; sha256sum ${folder}/*; ls -A ${folder}`;
    const lines = execFileSync('unshare', ['-rm', 'sh', '-c', command, 'sh', process.execPath, script, folder], { encoding: 'utf8' }).split(
      '\n',
    );
    expect(lines[0]).toBe('saved');
    expect(lines[3]).toContain('got a full disk (ENOSPC)');
    expect(lines.slice(4, 6)).toEqual(lines.slice(1, 3));
    expect(lines.slice(6)).toEqual(['config.json', 'model.safetensors', '']);
  });
});
