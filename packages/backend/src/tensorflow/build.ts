/** Turns what was fetched into what runs: the compiled binding, and the JavaScript of @tensorflow/tfjs-node-gpu in one file. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BackendError } from '../errors.ts';
import { lastLines, run } from './command.ts';
import { diskError } from './fetch.ts';
import { TRAINING_OPS } from './native.ts';
import { QUIET_SOURCE } from './quiet.ts';

export interface BuildInput {
  readonly compiler: string;
  /** The unpacked npm package: binding/ and dist/. Its parent folder is an include path, as in its binding.gyp. */
  readonly source: string;
  readonly nodeHeaders: string;
  /** The folder with libtensorflow_cc.so.2 and include/, while compiling. */
  readonly libraries: string;
  /** What the binding looks for at run time: absolute, or starting with $ORIGIN so that the folder can be moved. */
  readonly runPath: string;
  readonly output: string;
}

/** Our own C++ lies beside src/ and dist/ alike. */
const NATIVE = fileURLToPath(new URL('../../native/', import.meta.url));

/** Compiles three addons: the N-API binding against TensorFlow's C headers, our training ops against the same, and what keeps loading quiet. About 10 seconds. */
export async function compileBinding({ compiler, source, nodeHeaders, libraries, runPath, output }: BuildInput): Promise<void> {
  await mkdir(output, { recursive: true });
  const tensorflow = [`-I${join(libraries, 'include')}`, `-I${nodeHeaders}`];
  // By file name: the wheel ships libtensorflow_cc.so.2 without the .so link that -ltensorflow_cc would look for.
  const link = [`-L${libraries}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${runPath}`];
  const quiet = join(output, 'quiet.cc');
  await writeFile(quiet, QUIET_SOURCE);
  const addons: readonly (readonly [name: string, words: readonly string[]])[] = [
    ['quiet.node', ['-O2', `-I${nodeHeaders}`, quiet]],
    [TRAINING_OPS, ['-O3', '-fopenmp-simd', ...tensorflow, join(NATIVE, 'training-ops.cc'), ...link]],
    [
      'tfjs_binding.node',
      [
        '-O2',
        `-I${join(source, '..')}`,
        ...tensorflow,
        ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(source, 'binding', name)),
        ...link,
      ],
    ],
  ];
  const flags = ['-std=c++17', '-shared', '-fPIC', '-w', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'];
  const results = await Promise.all(addons.map(([name, words]) => run(compiler, [...flags, ...words, '-o', join(output, name)])));
  const failed = results.find(({ code }) => code !== 0);
  if (failed !== undefined) throw compileError(compiler, failed.output);
  await rm(quiet);
}

function compileError(compiler: string, output: string): BackendError {
  const error = output.split('\n').find((line) => /error|undefined reference|killed/i.test(line)) ?? lastLines(output);
  return (
    diskError(output) ??
    new BackendError(`tensorflow install: expected ${compiler} to compile the binding, got: ${error.trim()}`, {
      hint: 'a compiler from the last ten years does (GCC 9, Clang 10 or newer); CXX names another one',
    })
  );
}

/**
 * Packs the backend class and its kernels into one CommonJS file, `module.exports = (requireOutside) => require`.
 * Reading one file instead of 160 saves start-up time, and every import of TF.js goes through the caller: there can be no second copy of core.
 */
export async function packJavaScript(source: string, file: string): Promise<void> {
  const dist = join(source, 'dist');
  const kernels = (await readdir(join(dist, 'kernels'))).filter((name) => name.endsWith('.js')).map((name) => `kernels/${name}`);
  const names = ['nodejs_kernel_backend.js', 'register_all_kernels.js', 'int64_tensors.js', ...kernels];
  const modules = await Promise.all(
    names.map(async (name) => `${JSON.stringify(name.slice(0, -3))}(require, exports) {\n${await readFile(join(dist, name), 'utf8')}\n}`),
  );
  const text = `/* Packed from @tensorflow/tfjs-node-gpu: Copyright Google LLC, Apache License 2.0. */
const modules = {
${modules.join(',\n')}
};
module.exports = (requireOutside) => {
  const loaded = {};
  const load = (name) => {
    if (loaded[name]) return loaded[name];
    const exports = (loaded[name] = {});
    modules[name]((wanted) => {
      if (!wanted.startsWith('.')) return requireOutside(wanted);
      const path = new URL(wanted, 'file:///' + name).pathname.slice(1);
      return modules[path] ? load(path) : requireOutside(wanted);
    }, exports);
    return exports;
  };
  return load;
};
`;
  await writeFile(file, text);
}

/** Drops what only Python or the compiler needs: of the wheels' 1.3 GB (CPU) the two libraries and CUDA's own stay. */
export async function prune(site: string): Promise<void> {
  for (const entry of await readdir(site)) {
    if (entry !== 'tensorflow' && entry !== 'nvidia' && !/^(tensorflow|nvidia).*\.dist-info$/.test(entry))
      await rm(join(site, entry), { recursive: true, force: true });
  }
  const tensorflow = join(site, 'tensorflow');
  for (const entry of await readdir(tensorflow)) {
    if (!/\.so(\.\d+)*$/.test(entry) && !/NOTICES|LICENSE/.test(entry)) await rm(join(tensorflow, entry), { recursive: true, force: true });
  }
}
