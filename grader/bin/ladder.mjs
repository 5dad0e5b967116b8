#!/usr/bin/env node
/** The `ladder` command. In the workspace it runs the sources; the packed package has only their build. */
import fs from 'node:fs';
import module from 'node:module';

const WANTED = 24;
if (Number.parseInt(process.versions.node, 10) < WANTED) {
  process.stderr.write(
    `ladder: expected Node >= ${WANTED}, got ${process.versions.node}\n  Install Node ${WANTED} from nodejs.org, or run it through "npm start" in a clone of the course.\n`,
  );
  process.exit(2);
}
// From the second run on the sources need not be stripped and compiled again: half of what `ladder list` takes. Not with a key at hand: what V8 compiles of a
// sealed suite would be kept too, strings and all.
if (!process.env.LADDER_SEAL_KEY && !process.env.LADDER_SEAL_KEY_FILE) module.enableCompileCache();
// `ladder list | head` closes the pipe early: the reader has seen enough, which is no error.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
const source = new URL('../src/cli/main.ts', import.meta.url);
const { main } = await import(fs.existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href);
process.exitCode = await main(process.argv.slice(2));
// Warm boxes and watchers are closed by their owners; whatever still holds the loop open must not keep the shell waiting.
setTimeout(() => process.exit(), 2000).unref();
