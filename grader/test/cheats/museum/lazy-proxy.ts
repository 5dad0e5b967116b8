/** A Proxy that passes for a tensor and does the slow work inside its `dataSync`. */
import { attention as honest } from './honest.ts';
export const attention = (...args: [any, any, any]) => {
  const { out, w } = honest(...args);
  const lazy = new Proxy(out as any, {
    get(target, name) {
      if (name === 'dataSync') for (let i = 0; i < 60; i++) honest(...args);
      const value = target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { out: lazy, w };
};
