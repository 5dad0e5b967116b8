// Builds the module in the working directory (or in the given folder) from the workspace's own sources; outside the workspace the same is `ladder build`.
if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(
    `build-module: expected Node >= 24, got ${process.versions.node} (npm test and npm start bring it; or node_modules/.bin/node)`,
  );
  process.exit(2);
}
const { buildModule } = await import('../src/author/build.ts');
try {
  const { module, courseFiles } = await buildModule(process.argv[2] ?? process.cwd());
  console.log(`${module}: dist/ and ${courseFiles.length} files of dist/course/`);
} catch (error) {
  console.error(error.hint === undefined ? error.message : `${error.message}\n  ${error.hint}`);
  process.exit(1);
}
