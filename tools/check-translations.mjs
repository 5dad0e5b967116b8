/**
 * Every page that has a Chinese one beside it (`README.md`, `README.zh.md`) is the one that was translated; READMEs of exercises are `ladder verify`'s.
 * `--write` stores the hashes of both, but not where the English page changed alone: translate it, or say with `--write --translated` that it needs nothing.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const stored = path.join(import.meta.dirname, 'translations.json');
const [write, translated] = ['--write', '--translated'].map((word) => process.argv.includes(word));
const hashOf = (file) => createHash('sha256').update(fs.readFileSync(file, 'utf8').replaceAll('\r\n', '\n')).digest('hex');

const known = fs.existsSync(stored) ? JSON.parse(fs.readFileSync(stored, 'utf8')) : {};
const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.zh.md'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && fs.existsSync(file) && !/^exercises\/|^solutions\/|(^|\/)course\//.test(file))
  .sort();

const next = {};
const problems = [];
for (const chinese of pages) {
  const english = chinese.replace(/\.zh\.md$/, '.md');
  if (!fs.existsSync(english)) {
    problems.push(`${chinese}: expected ${english} beside it, got no file`);
    continue;
  }
  const [before, now] = [known[english], { en: hashOf(english), zh: hashOf(chinese) }];
  const old = before && before.en !== now.en && before.zh === now.zh && !(write && translated);
  next[english] = old ? before : now;
  if (old) problems.push(`${chinese} was translated from an earlier ${english}; translate, then node tools/check-translations.mjs --write`);
}
const text = `${JSON.stringify(next, null, 2)}\n`;
const stale = JSON.stringify(next) !== JSON.stringify(known);
if (stale && write) fs.writeFileSync(stored, text);
else if (stale) problems.push('tools/translations.json is stale: node tools/check-translations.mjs --write');
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
