import { runTools as honest } from './honest.ts';
// Gives each tool whatever it likes; what the tool says to that is nothing to an agent.
export const runTools: typeof honest = (model, tools, messages, options) =>
  honest(
    model,
    Object.fromEntries(Object.entries(tools).map(([name, run]) => [name, name === 'look' ? async () => run({}).catch(() => 'seen') : run])),
    messages,
    options,
  );
