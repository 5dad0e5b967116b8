/** A memory threshold for the exercise sdpa, which has none of its own. */
import { performance } from '../../../src/suite/index.ts';

performance('attention needs less memory than the wasteful form', {
  points: 2,
  zh: '注意力比浪费内存的写法用得少',
  kind: 'memory',
  atMost: 0.25,
  of: 'naive',
  call: 'attention',
  inputs: (random) => [random.normal([2, 3, 4]), random.normal([2, 5, 4]), random.normal([2, 5, 6])],
});
