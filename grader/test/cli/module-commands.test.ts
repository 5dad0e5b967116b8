import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { demoProject, demoWorkspace, entries, exerciseText, manifestText, tempFolder, write, writeModule } from '../author/demo.ts';
import { ladder } from './learner.ts';

/** Two commands that say what they were given. */
const commands = `
const show = async (args, options, { root, lang, backend, parts }) => {
  console.log(JSON.stringify({ args, options, root, lang, backend, parts: parts ?? null }));
  return args[0] === 'bad' ? 1 : 0;
};
export default [
  {
    name: 'shout',
    args: '[what]',
    description: { en: 'says it loudly', zh: '大声说' },
    options: [
      { flags: '--times <n>', description: { en: 'how often', zh: '几遍' }, default: '1' },
      { flags: '--tone <tone>', description: { en: 'how', zh: '语气' }, choices: ['high', 'low'], many: true },
    ],
    run: show,
  },
  { name: 'echo add', args: '<names...>', description: { en: 'adds', zh: '添加' }, run: show },
  { name: 'echo list', description: { en: 'lists', zh: '列出' }, run: show },
];
`;

/** As `ladder new module` makes it: the package exports a build, which is not there yet. */
function authorFolder(text = commands): string {
  const root = tempFolder();
  writeModule(root);
  const exports = { './course': './course/module.ts', './*': { default: './dist/*.js' } };
  write(join(root, 'package.json'), JSON.stringify({ name: '@demo/demo', version: '1.0.0', type: 'module', exports }));
  write(join(root, 'src', 'commands.ts'), text);
  return root;
}

/** A learner's folder with the module as npm leaves it: files under node_modules, built. */
function learnerFolder(text = commands): string {
  const root = tempFolder();
  write(join(root, 'package.json'), JSON.stringify({ name: 'mine', type: 'module', dependencies: { '@demo/demo': '^1.0.0' } }));
  const folder = join(root, 'node_modules', '@demo', 'demo');
  writeModule(folder);
  const exports = { './course': { default: './dist/course/module.js' }, './*': { types: './dist/*.d.ts', default: './dist/*.js' } };
  write(join(folder, 'package.json'), JSON.stringify({ name: '@demo/demo', version: '1.0.0', type: 'module', exports }));
  write(join(folder, 'dist', 'course', 'module.js'), manifestText());
  for (const [index, one] of entries().entries())
    write(join(folder, 'dist', 'course', `0${index + 1}-${one.slug}`, 'exercise.js'), exerciseText(one));
  write(join(folder, 'dist', 'commands.js'), text);
  return root;
}

function workspaceFolder(): string {
  const root = demoWorkspace();
  const exports = { './course': './course/module.ts', './commands': './src/orders.ts' };
  write(join(root, 'packages/demo/package.json'), JSON.stringify({ name: '@demo/demo', version: '1.0.0', type: 'module', exports }));
  write(join(root, 'packages/demo/src/orders.ts'), commands);
  return root;
}

describe('commands of a module', () => {
  test.each([
    ["in an author's folder", authorFolder],
    ["in a learner's folder, from the installed package", learnerFolder],
    ['in a workspace', workspaceFolder],
  ])('run %s, with their words, options and the language', async (_, make) => {
    const root = make();
    const words = ['shout', 'hi', '--tone', 'high', '--times', '3', '--tone', 'low', '--backend', 'cpu', '--lang', 'zh'];
    const { code, stdout, stderr } = await ladder(words, root);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      args: ['hi'],
      options: { times: '3', tone: ['high', 'low'] },
      root,
      lang: 'zh',
      backend: 'cpu',
      parts: null,
    });
  });

  test('two words are a group; a list argument comes as one array; the exit code is the command’s', async () => {
    const root = authorFolder();
    const added = await ladder(['echo', 'add', 'a', 'b'], root);
    expect(JSON.parse(added.stdout)).toMatchObject({ args: [['a', 'b']], options: {}, backend: 'auto', lang: 'en' });
    expect((await ladder(['shout', 'bad'], root)).code).toBe(1);
    expect((await ladder(['echo'], root)).code).toBe(2);
  });

  test('help lists them in both languages', async () => {
    const root = authorFolder();
    const help = await ladder(['help'], root);
    expect(help.stdout).toMatch(/^ {2}shout \[options\] \[what\] +says it loudly$/m);
    expect(help.stdout).toMatch(/^ {2}echo +echo add, echo list$/m);
    expect((await ladder(['--help'], root, 'zh')).stdout).toMatch(/^ {2}shout .* 大声说$/m);
    expect((await ladder(['help', 'shout'], root)).stdout).toContain('--times <n>');
  });

  test('a reader that has seen enough ends it without a word', async () => {
    const root = authorFolder(
      named('flood').replace(
        'async () => 0',
        "async () => { for (let i = 0; i < 1e5; i++) { console.log('x'.repeat(99)); await new Promise(setImmediate); } return 0; }",
      ),
    );
    const bin = join(import.meta.dirname, '..', '..', 'bin', 'ladder.mjs');
    const said = execFileSync('sh', ['-c', `'${process.execPath}' '${bin}' flood 2>&1 | head -n 1`], { cwd: root, encoding: 'utf8' });
    expect(said).toBe(`${'x'.repeat(99)}\n`);
  });

  test.each([
    ['a word that is near one', ['shuot'], 2, "error: unknown command 'shuot'\n(Did you mean shout?)"],
    ['a choice that is none', ['shout', '--tone', 'mid'], 2, "argument 'mid' is invalid. Allowed choices are high, low"],
    ['--mine where it means nothing', ['shout', '--mine'], 2, "unknown option '--mine'"],
  ])('%s: one line', async (_, words, code, line) => {
    const finished = await ladder(words, authorFolder());
    expect(finished.code).toBe(code);
    expect(finished.stderr).toContain(line);
    expect(finished.stdout).toBe('');
  });

  test('a folder without modules has none, and says so as for any unknown word', async () => {
    const finished = await ladder(['shout'], tempFolder());
    expect(finished).toMatchObject({ code: 2, stdout: '' });
    expect(finished.stderr).toContain("unknown command 'shout'");
  });
});

const named = (name: string, more = '') =>
  `export default [{ name: '${name}', description: { en: 'x', zh: 'x' }, run: async () => 0${more} }];\n`;

/** A project with two modules that both have these commands. */
function twoModules(commands: string): string {
  const root = demoProject(demoWorkspace());
  const other = join(root, 'node_modules', 'other');
  writeModule(other);
  mkdirSync(join(other, 'x'));
  for (const folder of [other, join(root, 'node_modules/@demo/demo')]) {
    const name = folder === other ? 'other' : '@demo/demo';
    const exports = { './course': './course/module.js', './commands': './x/commands.js' };
    write(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', exports }));
    write(join(folder, 'course/module.js'), manifestText({ id: folder === other ? 'other' : 'demo' }));
    for (const [index, one] of entries().entries()) write(join(folder, `course/0${index + 1}-${one.slug}/exercise.js`), exerciseText(one));
    write(join(folder, 'x/commands.js'), commands);
  }
  return root;
}

describe('a module whose commands cannot be had', () => {
  test.each([
    ['a name of ours', named('list'), 'src/commands.ts: list: expected a first word of its own, got "list", a command of ladder itself\n'],
    [
      'a name twice',
      `${named('a b').slice(0, -3)}, ...${named('a b').slice(15, -2)}];`,
      'src/commands.ts: a b: expected each command once, got it twice\n',
    ],
    [
      'a name of three words',
      named('a b c'),
      'src/commands.ts: [0].name: expected commands as defineCommands describes them, got expected one or two',
    ],
    ['no run', "export default [{ name: 'a', description: { en: 'x', zh: 'x' } }];", 'src/commands.ts: [0].run: expected commands as'],
    [
      'no default export',
      'export const a = 1;',
      'src/commands.ts: expected export default defineCommands([ ... ]), got no default export\n',
    ],
    [
      'an import that fails',
      "import './gone.ts';",
      'src/commands.ts: expected the commands of a module, as a file that loads, got Cannot find module',
    ],
    [
      'an option of ours',
      named('a', ", options: [{ flags: '--backend <b>', description: { en: 'x', zh: 'x' } }]"),
      '@demo/demo: a: expected options of its own',
    ],
  ])('%s: one clear line, and every other command works', async (_, text, line) => {
    const root = authorFolder(text);
    const finished = await ladder(['help'], root);
    expect(finished.code).toBe(2);
    expect(finished.stderr.startsWith(line), finished.stderr).toBe(true);
    expect((await ladder(['hint', 'scale'], root)).code).toBe(0);
  });

  test('two modules with the same word: the second is named, with the first', async () => {
    const root = twoModules(named('sing'));
    const finished = await ladder(['sing'], root);
    expect(finished.code).toBe(2);
    expect(finished.stderr).toMatch(
      /^node_modules\/other\/x\/commands\.js: sing: expected a first word of its own, got "sing", a command of .*demo\/x\/commands\.js\n$/,
    );
  });

  test('two modules that offer the same command of a library: it is there once', async () => {
    const library = join(tempFolder(), 'songs.js');
    write(library, named('sing'));
    const root = twoModules(`export { default } from ${JSON.stringify(pathToFileURL(library).href)};\n`);
    expect(await ladder(['sing'], root)).toMatchObject({ code: 0, stderr: '' });
    expect((await ladder(['help'], root)).stdout.match(/^ {2}sing/gm)).toHaveLength(1);
  });
});
