/** Course code reads best in files that fit a few screens. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

const LIMIT = 350;
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.ts', '*.mjs'], { encoding: 'utf8' }).split('\n');
const long = files
  .filter((file) => file !== '' && !file.includes('/generated/') && fs.existsSync(file))
  .map((file) => ({ file, lines: fs.readFileSync(file, 'utf8').split('\n').length - 1 }))
  .filter(({ lines }) => lines > LIMIT);
for (const { file, lines } of long) process.stdout.write(`${file}: expected at most ${LIMIT} lines, got ${lines}\n`);
process.exitCode = long.length === 0 ? 0 : 1;
