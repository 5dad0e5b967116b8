import { defineMutants } from '@llm-ladder/grader/course';

const exhaustive = 'a beam that holds everything equals the exhaustive search';
const greedy = 'one beam is greedy';
const narrow = 'a narrow beam keeps the k best of all beams at each length';
const overtaken = 'a first id with poor continuations is overtaken';
const asked = 'what has ended is asked no more, and at most k rows are';
const penalty = 'the length penalty divides by length^alpha, eos counted';
const shift = 'scores are logs of probabilities: a shift of all logits changes nothing';
const goesOn = 'the search goes on while a living beam can still win';
const stops = 'the search stops when no living beam can enter the k best';
const cutOff = 'at maxLen what is alive joins the pool';
const extreme = 'logits of 1e4 count, ids at -Infinity never come';
const refused = 'options out of range, broken logits and wrong rows are refused';

const live = 'living = kept.filter((next) => !ends(next));';
const scored = 'score: sum / length ** alpha';
const sums = 'const sum = before + (row[id]! - norm);';
const enough = 'if (pool.length === k && pool[k - 1]!.score >= reach) break;';
const reach = '(living[0]?.sum ?? 0) / maxLen ** alpha';

export default defineMutants({
  mutants: [
    {
      name: 'continues finished beams',
      replace: [[live, 'living = length === maxLen ? [] : kept;']],
      killedBy: [exhaustive, asked],
      looksLike: { en: 'a beam that has ended is carried on after its eos', zh: '已结束的束在 eos 之后还被继续延伸' },
    },
    {
      name: 'no log: adds logits',
      replace: [[sums, 'const sum = before + row[id]!;']],
      killedBy: [exhaustive, shift],
      looksLike: {
        en: 'logits are added up as they are; subtract the log of the sum of exp first',
        zh: '直接把 logits 相加了；应先减去 exp 之和的对数',
      },
    },
    {
      name: 'no log: adds probabilities',
      replace: [[sums, 'const sum = before + Math.exp(row[id]! - norm);']],
      killedBy: [exhaustive, overtaken],
      looksLike: { en: 'probabilities are added; add their logs', zh: '把概率相加了；应当相加概率的对数' },
    },
    {
      name: 'compares unnormalised lengths',
      replace: [[scored, 'score: sum']],
      killedBy: [exhaustive, penalty],
      looksLike: { en: 'the score is not divided by length^alpha', zh: '得分没有除以 length^alpha' },
    },
    {
      name: 'multiplies by the length penalty',
      replace: [[scored, 'score: sum * length ** alpha']],
      killedBy: [exhaustive, penalty],
      looksLike: { en: 'the sum is multiplied by length^alpha; divide', zh: '和乘上了 length^alpha；应当相除' },
    },
    {
      name: 'eos does not count in the length',
      replace: [[scored, 'score: sum / Math.max(1, ids.at(-1) === eos ? length - 1 : length) ** alpha']],
      killedBy: [exhaustive, penalty],
      looksLike: { en: 'the length leaves out eos; it counts', zh: '长度没有算上 eos；它也要算' },
    },
    {
      name: 'divides by maxLen',
      replace: [[scored, 'score: sum / maxLen ** alpha']],
      killedBy: [exhaustive, penalty],
      looksLike: { en: 'every answer is divided by maxLen, not by its own length', zh: '每个答案都除以 maxLen，而不是自己的长度' },
    },
    {
      name: 'the penalty of Wu et al.',
      replace: [[scored, 'score: sum / ((5 + length) / 6) ** alpha']],
      killedBy: [exhaustive, penalty],
      looksLike: { en: 'this is the penalty of Wu et al.; here it is length^alpha', zh: '这是 Wu 等人的惩罚；这里用 length^alpha' },
    },
    {
      name: 'stops with the first that ends',
      replace: [[enough, 'if (pool.length > 0 && reach <= 0) break;']],
      killedBy: [exhaustive, goesOn],
      looksLike: { en: 'the search stops when one beam ends; others may still win', zh: '一束结束就停了搜索；别的束还可能赢' },
    },
    {
      name: 'stops when the pool is full',
      replace: [[enough, 'if (pool.length === k && reach <= 0) break;']],
      killedBy: goesOn,
      looksLike: {
        en: 'the search stops when k answers have ended; a living beam may still be better',
        zh: '有 k 个答案结束就停了；活着的束可能更好',
      },
    },
    {
      name: 'takes the score of now for the reach',
      replace: [[reach, '(living[0]?.sum ?? 0) / length ** alpha']],
      killedBy: goesOn,
      looksLike: {
        en: 'the living beam is judged by its score of now; a longer answer divides by more',
        zh: '用活束此刻的得分来判断；答案更长时除数也更大',
      },
    },
    {
      name: 'never stops before maxLen',
      replace: [[enough, 'if (pool.length > k && reach > 0) break;']],
      killedBy: stops,
      looksLike: { en: 'the search goes on although nothing alive can enter the k best', zh: '没有活束能进前 k 名了，搜索却还在继续' },
    },
    {
      name: 'compares the reach with the best of the pool',
      replace: [[enough, 'if (pool.length === k && pool[0]!.score >= reach) break;']],
      killedBy: narrow,
      looksLike: {
        en: 'the search stops when the best is certain; all k answers must be',
        zh: '只要第一名确定就停了；k 个答案都要确定',
      },
    },
    {
      name: 'k of each beam, not of all',
      replace: [
        ['const best: { sum: number; b: number; id: number }[] = [];', 'const all: { sum: number; b: number; id: number }[] = [];'],
        ['    const norm = logSumExp(row);', '    const best: typeof all = [];\n    const norm = logSumExp(row);'],
        ['      if (best.length > k) best.pop();\n    }', '      if (best.length > k) best.pop();\n    }\n    all.push(...best);'],
        ['return best.map(', 'return all.sort((a, b) => b.sum - a.sum).map('],
      ],
      killedBy: asked,
      looksLike: { en: 'each beam keeps k continuations; k are kept of all together', zh: '每束各留了 k 个延续；应在全体中一共留 k 个' },
    },
    {
      name: 'one continuation of each beam',
      replace: [
        ['let at = best.length;', 'if (best.some((other) => other.b === b && other.sum >= sum)) continue;\n      let at = best.length;'],
      ],
      killedBy: [exhaustive, narrow],
      looksLike: {
        en: 'each beam has one continuation; one may have several among the k',
        zh: '每束只有一个延续；一束可以在 k 个里占几个',
      },
    },
    {
      name: 'the sum of the beam is forgotten',
      replace: [[sums, 'const sum = row[id]! - norm;']],
      killedBy: [exhaustive, overtaken],
      looksLike: { en: 'only the last id counts; add the sum of the beam', zh: '只算了最后一个 id；要加上这一束已有的和' },
    },
    {
      name: 'what is alive at maxLen is lost',
      replace: [['length === maxLen || ids.at(-1) === eos;', 'ids.at(-1) === eos;']],
      killedBy: [exhaustive, cutOff],
      looksLike: { en: 'an answer that is cut off at maxLen is lost; it joins the pool', zh: '到 maxLen 被截断的答案丢了；它也应进池' },
    },
    {
      name: 'one id too many',
      replace: [['length <= maxLen && living', 'length <= maxLen + 1 && living'], ['length === maxLen || ids', 'length === maxLen + 1 || ids']], // biome-ignore format: one line
      killedBy: [exhaustive, greedy, cutOff],
      looksLike: { en: 'answers may have maxLen ids, not more', zh: '答案最多 maxLen 个 id' },
    },
    {
      name: 'the pool in the order of its ends',
      replace: [['.sort((a, b) => b.score - a.score).slice(0, k)', '.slice(0, k)']],
      killedBy: [exhaustive, penalty],
      looksLike: { en: 'answers come in the order in which they ended; the best is first', zh: '答案按结束的先后排列；应当最好的在前' },
    },
    {
      name: 'drops eos from the answer',
      replace: [['({ ids, score: sum', '({ ids: ids.filter((id) => id !== eos), score: sum']],
      killedBy: [exhaustive, overtaken],
      looksLike: { en: 'the answer lacks its eos', zh: '答案里缺了 eos' },
    },
    {
      name: 'later beams of equals first',
      replace: [['best[at - 1]!.sum < sum', 'best[at - 1]!.sum <= sum'], ['sum <= best[k - 1]!.sum', 'sum < best[k - 1]!.sum']], // biome-ignore format: one line
      killedBy: 'of equals the earlier beam, then the lower id',
      looksLike: { en: 'of equal sums the later wins', zh: '和相同时取了靠后的' },
    },
    {
      name: 'exp of whole logits',
      replace: [['const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);', 'const top = 0;']],
      killedBy: extreme,
      looksLike: { en: 'exp of a large logit is infinite: take the largest away first', zh: '大 logit 的 exp 是无穷：先减去最大的' },
    },
    {
      name: 'forbidden ids come at last',
      replace: [['sum === Number.NEGATIVE_INFINITY || ', '']],
      killedBy: extreme,
      looksLike: { en: 'ids of probability 0 fill empty places', zh: '概率为 0 的 id 填进了空位' },
    },
    {
      name: 'one row for all beams',
      replace: [['values.subarray(b * V, (b + 1) * V)', 'values.subarray(0, V)']],
      killedBy: [exhaustive, overtaken],
      looksLike: { en: 'every beam reads the logits of the first', zh: '每一束都读了第一束的 logits' },
    },
    {
      name: 'logits are not looked at',
      replace: [['if (!Number.isFinite(norm)) throw', 'if (norm > 1e9) throw']],
      killedBy: refused,
      looksLike: { en: 'NaN in the logits goes unnoticed', zh: 'logits 里的 NaN 没有被发现' },
    },
    {
      name: 'rows are not counted',
      replace: [['if (B !== beams.length) throw', 'if (B === 0) throw']],
      killedBy: refused,
      looksLike: { en: 'a step that gives another number of rows goes unnoticed', zh: 'step 返回的行数不对，却没有被发现' },
    },
    {
      name: 'keeps the logits of every step',
      replace: [['    logits.dispose();\n', '']],
      killedBy: 'beam frees the logits of every step',
      looksLike: { en: 'the logits of every step stay in memory', zh: '每一步的 logits 都留在内存里' },
    },
  ],
  naive: [
    {
      name: 'asks for each beam alone',
      replace: [
        ["import type { tf } from '@llm-ladder/backend';", "import { tf } from '@llm-ladder/backend';"],
        [
          'const logits = await step(living.map(({ ids }) => ids));',
          'const alone: tf.Tensor2D[] = [];\n    for (const { ids } of living) alone.push(await step([ids]));\n    const logits = tf.concat2d(alone, 0);\n    tf.dispose(alone);',
        ],
      ],
      fails: 'the model is called once for each length',
    },
  ],
  survivors: [
    {
      why: 'where none is alive, the loop ends anyway',
      mutants: [
        'nullish: living[0]?.sum ?? 0 -> (living[0]?.sum)',
        'constant: living[0]?.sum ?? 0 -> living[0]?.sum ?? -1',
        'constant: living[0]?.sum ?? 0 -> living[0]?.sum ?? 1',
      ],
    },
    {
      why: 'what equals the last of k is put behind it, and taken away again',
      mutants: ['operator: sum <= best[k - 1]!.sum -> sum < best[k - 1]!.sum'],
    },
    {
      why: 'a negative number of deleted places is none',
      mutants: ['constant: best.splice(at, 0, { sum, b, id }) -> best.splice(at, -1, { sum, b, id })'],
    },
    {
      why: 'a vocabulary without ids throws either way',
      mutants: ['argument: row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) -> row.reduce((a, b) => Math.max(a, b))'],
    },
  ],
});
