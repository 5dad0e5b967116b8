/** Run by a test in a process of its own: saves 600 kB of fresh numbers to the folder that it is given; on an error prints it and what hints at help. */
import { UsageError } from '@llm-ladder/backend/errors';
import { writeModelFolder } from '../src/hf-folder.ts';

const tensors = ['a', 'b'].map((name) => ({ name, shape: [75_000], data: async () => Float32Array.from({ length: 75_000 }, Math.random) }));
try {
  await writeModelFolder(process.argv[2]!, { files: { 'config.json': { at: Date.now() } }, tensors });
  console.log('saved');
} catch (error) {
  console.log(error instanceof UsageError ? `${error.message} / ${error.hint}` : error);
}
