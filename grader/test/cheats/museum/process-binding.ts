/** Takes the file system from process.binding, _linkedBinding, getBuiltinModule or dlopen. */
const p = process as any;
const take = p.getBuiltinModule ?? p.binding ?? p._linkedBinding ?? p.dlopen ?? p.mainModule?.require;
export const sinusoidal = take('fs').readFileSync;
