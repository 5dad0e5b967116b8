/** A module from outside: made, filled in, verified and packed by its author; taken, solved and updated by a learner. All of it with packed packages, outside the workspace. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, holds, npm, run, same } from './lib.mjs';

const id = 'word-play/row-shares';

/** A command that says whose file it got; the solution that the learner writes below has 1e-12 in it, the author's has not. */
const COMMANDS = `import { defineCommands } from '@llm-ladder/grader/course';

export default defineCommands([
  {
    name: 'share',
    mine: true,
    description: { en: 'whose part it is', zh: '是谁的部分' },
    run: async (_args, _options, { parts, reference }) => {
      const { rowShares } = await import('./row-shares.ts');
      const other = (await reference('@me/word-play/row-shares')) as { rowShares: unknown };
      const both = String(rowShares).includes('1e-12') && rowShares !== other.rowShares;
      console.log(\`\${parts?.[0]?.whose}'s part\${both ? ", beside the reference's" : ''}\`);
      return 0;
    },
  },
]);
`;

/** Runs the whole way in `folder`; `tarballs` are those of our own packages. */
export async function checkJourney(folder, tarballs) {
  const pick = (name) => tarballs.find((one) => one.name === name).file;
  const tools = ['@llm-ladder/grader', '@llm-ladder/backend', '@llm-ladder/data', '@llm-ladder/formats'].map(pick);
  const author = join(folder, 'author');
  const module = join(author, 'word-play');
  const learner = join(folder, 'a learner');
  mkdirSync(author, { recursive: true });
  const bin = (base) => join(base, 'node_modules', '@llm-ladder', 'grader', 'bin', 'ladder.mjs');
  const ladder = (base, words, options = {}) => run(process.execPath, [bin(base), ...words], { cwd: base, ...options });
  const json = async (base, words, codes = [0]) => JSON.parse((await ladder(base, [...words, '--json'], { codes })).stdout);
  const file = join(learner, 'exercises', 'word-play', '01-row-shares', 'row-shares.ts');

  const made = await check('author: ladder new module, from an installed grader', async () => {
    writeFileSync(join(author, 'package.json'), JSON.stringify({ name: 'author', private: true }));
    await npm(['install', ...tools], { cwd: author });
    await ladder(author, ['new', 'module', '@me/word-play']);
    // Our packages are not on a registry yet, so their tarballs stand for it; package.json keeps the ranges.
    await npm(['install', '--no-save', ...tools], { cwd: module });
    holds(!readFileSync(join(module, 'package.json'), 'utf8').includes('file:'), 'package.json: expected version ranges, got a file');
  });
  if (!made) return;

  await check('author: fills the exercise in; verify proves it, and notices when it is wrong', async () => {
    const source = join(module, 'src', 'row-shares.ts');
    const text = readFileSync(source, 'utf8');
    writeFileSync(source, text.replace('An example: put your own exercise here.', 'Shares of words in a sentence.'));
    const report = await json(module, ['verify']);
    same(
      report.exercises.flatMap((one) => one.problems),
      [],
      'problems',
    );
    same([report.ok, report.exercises.map((one) => one.id)], [true, [id]], 'verify');
    const hidden = join(module, 'course', '01-row-shares', 'hidden.test.ts');
    const suite = readFileSync(hidden, 'utf8');
    writeFileSync(hidden, suite.replace('[[0, 0], [0.5, 0.5]]', '[[0, 0], [0.5, 0.4]]'));
    same((await json(module, ['verify'], [1])).ok, false, 'verify of a suite that is wrong');
    writeFileSync(hidden, suite);
    return `${report.exercises[0].mutants.length} mutants`;
  });

  await check('author: a command of the module runs beside those of ladder', async () => {
    writeFileSync(join(module, 'src', 'commands.ts'), COMMANDS);
    same((await ladder(module, ['share'])).stdout, "undefined's part\n", 'ladder share');
    holds((await ladder(module, ['help'])).stdout.includes('whose part it is'), 'help: expected the command of the module');
  });

  await check('author: the exercise type-checks, syncs and has a solution that grades in full', async () => {
    await run(process.execPath, [join(module, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'], { cwd: module });
    await ladder(module, ['sync']);
    await ladder(module, ['sync', '--check']);
    const report = await json(module, ['grade', '--solutions']);
    same([report.score, report.maxScore], [11, 11], 'score of the solutions');
  });

  let tarball;
  const packed = await check('author: npm pack builds and packs', async () => {
    tarball = await pack(module);
  });
  if (!packed) return;

  const begun = await check('learner: ladder init in an empty folder, from the tarballs', async () => {
    await ladder(author, ['init', learner, ...tools, tarball]);
    const list = await json(learner, ['list']);
    same(
      list.modules.map((one) => [one.id, one.exercises.map(({ id: name, state }) => [name, state])]),
      [['word-play', [[id, 'todo']]]],
      'list',
    );
    const report = await json(learner, ['check', id], [1]);
    same([report.exercises[0].state, report.score], ['todo', 0], 'check of the stub');
    await run(process.execPath, [join(learner, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'], { cwd: learner });
  });
  if (!begun) return;

  await check('learner: a hint, a wrong try, the visible test, then the solution', async () => {
    holds((await ladder(learner, ['hint', id])).stdout.includes('What has to be true'), 'hint: expected the first one');
    solve(file, 'return x.clone();');
    same((await json(learner, ['check', id], [1])).exercises[0].state, 'failing', 'check of a copy');
    const rule = "if (x.rank !== 2) throw new ShapeError('rowShares', '[B, T]', String(x.shape));";
    solve(file, `${rule}\n  return tf.tidy(() => x.div<tf.Tensor2D>(tf.maximum(tf.sum(x, 1, true), 1e-12)));`);
    const report = await json(learner, ['check', id]);
    same([report.exercises[0].state, report.score, report.maxScore], ['passing', 11, 11], 'check of a solution');
    const vitest = join(learner, 'node_modules', 'vitest', 'vitest.mjs');
    await run(process.execPath, [vitest, 'run'], { cwd: learner });
    return 'passing, 11 of 11 points';
  });

  await check("learner: the module's command, with the reference's part and with their own", async () => {
    same((await ladder(learner, ['share'])).stdout, "undefined's part\n", 'ladder share');
    same((await ladder(learner, ['share', '--mine'])).stdout, "learner's part, beside the reference's\n", 'ladder share --mine');
  });

  await check('a new version: the solved file stays, new texts arrive, check still passes', async () => {
    const manifest = join(module, 'package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"version": "0.1.0"', '"version": "0.1.1"'));
    const readme = join(module, 'course', '01-row-shares', 'README.md');
    writeFileSync(readme, `${readFileSync(readme, 'utf8')}\nNew in this version.\n`);
    const source = join(module, 'src', 'row-shares.ts');
    writeFileSync(source, readFileSync(source, 'utf8').replace('Divides each number', 'Divides every number'));
    await npm(['install', await pack(module)], { cwd: learner });
    const mine = readFileSync(file, 'utf8');
    await ladder(learner, ['update']);
    same(readFileSync(file, 'utf8') === mine, true, 'the solved file is as it was');
    holds(readFileSync(`${file}.new`, 'utf8').includes('Divides every number'), `${file}.new: expected the new text`);
    const readmeThere = readFileSync(join(file, '..', 'README.md'), 'utf8');
    holds(readmeThere.includes('New in this version.'), 'README.md: expected the new text');
    same((await json(learner, ['check', id])).exercises[0].state, 'passing', 'check after the update');
  });

  await check('learner: reset keeps a backup', async () => {
    const mine = readFileSync(file, 'utf8');
    await ladder(learner, ['reset', id]);
    same((await json(learner, ['check', id], [1])).exercises[0].state, 'todo', 'check after the reset');
    const backups = join(learner, '.ladder', 'backups');
    const copies = readdirSync(backups).map((name) => join(backups, name, 'exercises', 'word-play', '01-row-shares', 'row-shares.ts'));
    holds(
      copies.some((copy) => existsSync(copy) && readFileSync(copy, 'utf8') === mine),
      `${backups}: expected a copy of the solved file`,
    );
  });
}

async function pack(module) {
  const { stdout } = await npm(['pack', '--json'], { cwd: module });
  const name = /"filename":\s*"([^"]+)"/.exec(stdout)?.[1];
  holds(name !== undefined, `npm pack: expected a file name, got ${stdout}`);
  const file = join(module, name.replace('@', '').replace('/', '-'));
  holds(existsSync(file), `npm pack: expected ${file}`);
  return file;
}

/** Writes the body of the exercise's function, whatever was there before. */
function solve(file, body) {
  const text = readFileSync(file, 'utf8');
  const start = text.indexOf('\n', text.indexOf('export function')) + 1;
  writeFileSync(file, `${text.slice(0, start)}  ${body}\n}\n`);
}
