/** Every relative link of a Markdown page leads to a file that is there. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.md'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && fs.existsSync(file));
let broken = 0;
for (const page of pages) {
  const text = fs.readFileSync(page, 'utf8').replace(/```[\s\S]*?```/g, '');
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:|^#/.test(target)) continue;
    if (fs.existsSync(path.join(path.dirname(page), decodeURI(target.split('#')[0])))) continue;
    broken += 1;
    process.stdout.write(`${page}: expected a link to a file that is there, got ${target}\n`);
  }
}
process.exitCode = broken === 0 ? 0 : 1;
