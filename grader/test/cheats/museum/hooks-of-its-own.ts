/** Registers module hooks in front of the ones that lock it in. */
const { registerHooks } = await import('node:module' as string);
registerHooks({ resolve: (name: string) => ({ url: name, shortCircuit: true }) });
export const sinusoidal = () => 0;
