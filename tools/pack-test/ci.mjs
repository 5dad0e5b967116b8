/** CI with packed packages, outside the workspace: a learner's project graded by the plain command, by the Action's entry point and by Gradescope's archive. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, holds, notRun, npm, root, run, same } from './lib.mjs';

const exercises = ['transformer/sdpa', 'transformer/masks'];
const solutions = join(root, 'solutions', 'transformer');

/** Runs everything in `folder`; `tarballs` are those of our own packages. */
export async function checkCi(folder, tarballs) {
  const pick = (name) => tarballs.find((one) => one.name === name).file;
  const packages = ['@llm-ladder/grader', '@llm-ladder/backend', '@llm-ladder/data', '@llm-ladder/formats', '@llm-ladder/transformer'].map(
    pick,
  );
  const learner = join(folder, 'ci learner');
  const handedIn = join(folder, 'handed in');
  const bin = join(learner, 'node_modules', '@llm-ladder', 'grader', 'bin', 'ladder.mjs');
  const ladder = (words, options = {}) => run(process.execPath, [bin, ...words], { cwd: learner, ...options });

  const made = await check('ci: a project from the tarballs, with its workflow and the scripts that it calls', async () => {
    const maker = join(folder, 'ci maker');
    mkdirSync(maker);
    writeFileSync(join(maker, 'package.json'), JSON.stringify({ name: 'maker', private: true }));
    await npm(['install', ...packages.slice(0, -1)], { cwd: maker }); // not the module: init brings it
    await run(process.execPath, [join(maker, 'node_modules', '@llm-ladder', 'grader', 'bin', 'ladder.mjs'), 'init', learner, ...packages], {
      cwd: maker,
    });
    const workflow = readFileSync(join(learner, '.github', 'workflows', 'ladder.yml'), 'utf8');
    const [, script] = /run: bash (\S+)/.exec(workflow) ?? [];
    holds(script !== undefined && existsSync(join(learner, script)), `the workflow calls ${script}: expected it in the package`);
    // One right, one partly wrong: in the project, and as a tree of its own.
    write(join(learner, 'exercises', 'transformer'));
    write(join(handedIn, 'transformer'));
  });
  if (!made) return;

  let plain;
  await check('ci: npm start -- grade --strict --json, in the project and with --from', async () => {
    const words = ['start', '--silent', '--', 'grade', ...exercises, '--no-thresholds', '--strict', '--json'];
    const start = (more, codes) => run(process.platform === 'win32' ? 'npm.cmd' : 'npm', [...words, ...more], { cwd: learner, codes });
    const { code, stdout, stderr } = await start([], [1, 3]);
    if (code === 3) {
      holds(stderr.includes('grade --strict'), stderr);
      notRun('grade --strict', stderr.trim().split('\n')[0]);
      return;
    }
    const strict = JSON.parse(stdout);
    holds(['bubblewrap', 'uid'].includes(strict.box), `box: expected a strong one, got ${strict.box}`);
    same(states(strict), ['passing', 'failing'], 'states');
    const from = JSON.parse((await start(['--from', handedIn], [1])).stdout);
    same([from.score, from.maxScore, states(from)], [strict.score, strict.maxScore, states(strict)], 'grade --from');
    return `${strict.score} of ${strict.maxScore} points, ${strict.box}`;
  });

  await check("ci: the same score by the plain command and by the Action's entry point", async () => {
    plain = JSON.parse((await ladder(['grade', ...exercises, '--no-thresholds', '--json'], { codes: [1] })).stdout);
    const outputs = join(folder, 'outputs');
    writeFileSync(outputs, '');
    const env = { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: outputs, GITHUB_WORKSPACE: learner };
    const { stdout } = await ladder(['ci', ...exercises, '--all', '--no-thresholds'], { codes: [1], env });
    holds(/^::error file=exercises\/transformer\/02-masks\/masks\.ts,line=\d+,/m.test(stdout), `expected an annotation, got ${stdout}`);
    const read = (name) => Number(new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(outputs, 'utf8'))?.[1]);
    same([read('score'), read('max-score')], [plain.score, plain.maxScore], 'outputs of the Action');
    return `${plain.score} of ${plain.maxScore} points`;
  });

  const tools = ['bash', 'unzip', 'timeout'].filter((name) => !['/usr/bin', '/bin'].some((place) => existsSync(join(place, name))));
  if (process.platform !== 'linux' || tools.length > 0) {
    notRun("Gradescope's archive", process.platform === 'linux' ? `no ${tools.join(', ')}` : 'it is for Linux');
    return;
  }
  await check("ci: the same score by Gradescope's archive, installed by its own setup.sh", async () => {
    const place = join(folder, 'auto grader');
    const source = join(place, 'source');
    await ladder(['gradescope', ...exercises, '--out', join(folder, 'autograder.zip')]);
    mkdirSync(source, { recursive: true });
    await run('unzip', ['-q', join(folder, 'autograder.zip'), '-d', source], { cwd: place });
    await run('bash', [join(source, 'setup.sh')], { cwd: place });
    same(statSync(source).mode & 0o077, 0, "rights of others in the autograder's folder");
    cpSync(handedIn, join(place, 'submission'), { recursive: true });
    cpSync(join(source, 'run_autograder'), join(place, 'run_autograder'));
    // As root once more without bubblewrap, as in Gradescope's container.
    const boxes = process.getuid() === 0 ? ['', 'uid'] : [''];
    for (const box of boxes) {
      rmSync(join(place, 'results'), { recursive: true, force: true });
      const path = box === 'uid' ? toolsIn(join(place, 'bin')) : process.env.PATH;
      const words = ['-i', `PATH=${path}`, `AUTOGRADER_ROOT=${place}`, 'bash', join(place, 'run_autograder')];
      const { stdout, stderr } = await run('/usr/bin/env', words, { cwd: place });
      holds(box === '' || stdout.includes(`· ${box}`), `box: expected ${box}, got ${stdout}${stderr}`);
      const file = join(place, 'results', 'results.json');
      holds(existsSync(file), `results.json: expected it, got ${stdout}${stderr}`);
      const results = JSON.parse(readFileSync(file, 'utf8'));
      const maxScore = results.tests.reduce((sum, one) => sum + one.max_score, 0);
      same([results.score, maxScore], [plain?.score, plain?.maxScore], 'results.json');
    }
    return `${plain.score} of ${plain.maxScore} points${boxes.includes('uid') ? ', in the uid box too' : ''}`;
  });
}

const states = (report) => report.exercises.map(({ state }) => state);

/** A PATH with what run_autograder calls, and no bubblewrap. */
function toolsIn(folder) {
  mkdirSync(folder);
  for (const name of ['bash', 'mkdir', 'chmod', 'timeout']) {
    const place = ['/usr/bin', '/bin'].map((one) => join(one, name)).find((file) => existsSync(file));
    symlinkSync(place, join(folder, name));
  }
  return folder;
}

function write(tree) {
  const masks = readFileSync(join(solutions, '02-masks', 'masks.ts'), 'utf8');
  const wrong = masks.replace('tf.range(past, past + Tq)', 'tf.range(0, Tq)');
  holds(wrong !== masks, 'masks.ts: expected the text that is made wrong');
  for (const [name, text] of [
    ['01-sdpa/attention.ts', readFileSync(join(solutions, '01-sdpa', 'attention.ts'), 'utf8')],
    ['02-masks/masks.ts', wrong],
  ]) {
    mkdirSync(join(tree, name, '..'), { recursive: true });
    writeFileSync(join(tree, name), text);
  }
}
