import { defineMutants } from '@llm-ladder/grader/course';

const shares = 'ids come as often as their probabilities say';
const zero = 'temperature 0 takes the largest, the lower id of equals';
const exactly = 'top-k keeps exactly k, the lower ids of equals';
const crosses = 'top-p keeps the id that crosses p, and at least one';
const order = 'the temperature acts before the filters, top-k before top-p';
const penalty = 'the penalty divides what is positive and multiplies what is negative, once';
const own = 'each row is drawn from its own logits';
const seed = 'the same seed gives the same ids, another seed gives others';
const extreme = 'logits of 1e4 are drawn from, ids at -Infinity never are';
const refused = 'options out of range and broken logits are refused';
const end = 'rows end where they end, and are padded while others go on';
const shown = 'the id that ends a row is shown only when asked for';
const bound = 'no more than maxNew ids, and none for no prompts';
const holds = 'generate punishes what prompt and answer hold';

const divided = 'row[v] = (row[v]! - top) / temp;';
const drawn = 'return draw(row, largest(row, topK, topP), rng());';
const reach = 'while (count < k && missing > 0) missing -= weights[count++]!;';
const ids = 'if (row[v]! > smallest || (row[v] === smallest && ties-- > 0)) kept.push(v);';
const once = 'for (const id of new Set(seen)) row[id] = row[id]! > 0 ? row[id]! / rep : row[id]! * rep;';
const weights = 'const weights = ids.map((id) => Math.exp(row[id]!));';

export default defineMutants({
  mutants: [
    {
      name: 'top-p drops the id that crosses p',
      replace: [
        [reach, 'while (count < k && missing >= weights[count]!) missing -= weights[count++]!;'],
        ['falling.subarray(0, count).reduce', 'falling.subarray(0, Math.max(1, count)).reduce'],
      ],
      killedBy: [shares, crosses],
      looksLike: {
        en: 'the id whose probability crosses p is dropped; it stays',
        zh: '让累计概率跨过 p 的那个 id 被丢掉了；它应当留下',
      },
    },
    {
      name: 'top-p may keep nothing',
      replace: [
        [reach, 'while (count < k && missing >= weights[count]!) missing -= weights[count++]!;'],
        ['const kept: number[] = [];', 'const kept: number[] = []; if (count === 0) return [0];'],
      ],
      killedBy: crosses,
      looksLike: { en: 'a small p leaves no id; at least the likeliest stays', zh: 'p 很小时一个都不剩；至少要留下最可能的那个' },
    },
    {
      name: 'divides after the softmax',
      replace: [
        [divided, 'row[v] = row[v]! - top;'],
        [weights, 'const weights = ids.map((id) => Math.exp(row[id]!) / temp);'],
        [
          'draw(row: Float32Array, ids: readonly number[], chance: number)',
          'draw(row: Float32Array, ids: readonly number[], chance: number, temp: number)',
        ],
        [drawn, 'return draw(row, largest(row, topK, topP), rng(), temp);'],
      ],
      killedBy: [shares, order],
      looksLike: {
        en: 'the probabilities are divided by the temperature, which changes nothing: divide the logits',
        zh: '概率除以了温度，等于没变：应当除 logits',
      },
    },
    {
      name: 'multiplies by the temperature',
      replace: [[divided, 'row[v] = (row[v]! - top) * temp;']],
      killedBy: [shares, order],
      looksLike: { en: 'a high temperature makes the draw sharper; it should make it flatter', zh: '温度高反而更尖锐；应当更平缓' },
    },
    {
      name: 'filters before the temperature',
      replace: [
        [divided, 'row[v] = row[v]! - top;'],
        [drawn, 'const kept = largest(row, topK, topP); for (let v = 0; v < V; v++) row[v]! /= temp; return draw(row, kept, rng());'],
      ],
      killedBy: order,
      looksLike: { en: 'top-p is applied before the temperature', zh: 'top-p 在温度之前就用了' },
    },
    {
      name: 'top-p of all, not of the k',
      replace: [['falling.subarray(0, k).map(Math.exp)', 'falling.map(Math.exp)']],
      killedBy: order,
      looksLike: { en: 'top-p adds up probabilities of ids that top-k has removed', zh: 'top-p 把 top-k 已经去掉的概率也算进去了' },
    },
    {
      name: 'top-k keeps all equals',
      replace: [[ids, 'if (row[v]! >= smallest) kept.push(v);']],
      killedBy: [exactly, crosses],
      looksLike: { en: 'ids that tie with the last one are all kept: more than k', zh: '与第 k 个并列的全留下了：超过 k 个' },
    },
    {
      name: 'higher ids of equals',
      replace: [['for (let v = 0; v < V; v++) if (row[v]! >', 'for (let v = V - 1; v >= 0; v--) if (row[v]! >']],
      killedBy: [exactly, crosses],
      looksLike: { en: 'of equal logits the higher ids stay', zh: '并列时留下了大的 id' },
    },
    {
      name: 'one more than k',
      replace: [['const k = topK === 0 ? V : Math.min(topK, V);', 'const k = topK === 0 ? V : Math.min(topK + 1, V);']],
      killedBy: exactly,
      looksLike: { en: 'top-k keeps k + 1', zh: 'top-k 留了 k + 1 个' },
    },
    {
      name: 'a topK of 0 keeps one',
      replace: [['const k = topK === 0 ? V : Math.min(topK, V);', 'const k = Math.max(1, Math.min(topK, V));']],
      killedBy: [shares, exactly],
      looksLike: { en: 'topK = 0 means no filter', zh: 'topK = 0 表示不过滤' },
    },
    {
      name: 'the smallest are kept',
      replace: [
        ['row.slice().sort().reverse()', 'row.slice().sort()'],
        ['row[v]! > smallest', 'row[v]! < smallest'],
      ],
      killedBy: [shares, exactly],
      looksLike: { en: 'the least likely ids stay', zh: '留下的是最不可能的 id' },
    },
    {
      name: 'always the likeliest of those that stay',
      replace: [[drawn, 'largest(row, topK, topP); return best;']],
      killedBy: [shares, seed],
      looksLike: { en: 'nothing is drawn: it is always the likeliest', zh: '没有抽取：总是最可能的那个' },
    },
    {
      name: 'those that stay are equally likely',
      replace: [[weights, 'const weights = ids.map(() => 1 + 0 * row[0]!);']],
      killedBy: shares,
      looksLike: { en: 'the ids that stay are drawn evenly', zh: '留下的 id 被等概率抽取' },
    },
    {
      name: 'drawn without normalising',
      replace: [['let left = chance * weights.reduce((sum, weight) => sum + weight, 0);', 'let left = chance;']],
      killedBy: shares,
      looksLike: { en: 'chance is not scaled by the sum of the kept weights', zh: '随机数没有乘以留下的权重之和' },
    },
    {
      name: 'one random number for all rows',
      replace: [
        ['const values = logits.dataSync()', 'const chance = rng(); const values = logits.dataSync()'],
        [drawn, 'return draw(row, largest(row, topK, topP), chance);'],
      ],
      killedBy: [shares, exactly],
      looksLike: { en: 'all rows share one random number', zh: '所有行共用一个随机数' },
    },
    {
      name: 'chance from Math.random',
      replace: [[drawn, 'return draw(row, largest(row, topK, topP), Math.random());']],
      killedBy: seed,
      looksLike: { en: 'Math.random is used instead of rng', zh: '用了 Math.random 而不是 rng' },
    },
    {
      name: 'all rows read the first',
      replace: [['values.subarray(b * V, (b + 1) * V)', 'values.slice(0, V)']],
      killedBy: [own, zero],
      looksLike: { en: 'every row is drawn from the logits of the first', zh: '每一行都用了第一行的 logits' },
    },
    {
      name: 'exp overflows',
      replace: [[divided, 'row[v] = row[v]! / temp;']],
      killedBy: extreme,
      looksLike: { en: 'exp of a large logit is infinite: take the largest away first', zh: '大 logit 的 exp 是无穷：先减去最大值' },
    },
    {
      name: 'the higher of two equals at temperature 0',
      replace: [['row[v]! > row[best]! || Number.isNaN(row[v])', 'row[v]! >= row[best]! || Number.isNaN(row[v])']],
      killedBy: zero,
      looksLike: { en: 'of two equal logits the higher id is taken', zh: '两个 logit 相等时取了大的 id' },
    },
    {
      name: 'the penalty divides negatives too',
      replace: [[once, 'for (const id of new Set(seen)) row[id]! /= rep;']],
      killedBy: penalty,
      looksLike: { en: 'a negative logit that is divided becomes likelier: multiply it', zh: '负的 logit 相除后反而更可能：应当相乘' },
    },
    {
      name: 'the penalty counts repetitions',
      replace: [['new Set(seen)', 'seen']],
      killedBy: penalty,
      looksLike: { en: 'an id that was seen three times is punished three times', zh: '出现三次的 id 被惩罚了三次' },
    },
    {
      name: 'the penalty rewards',
      replace: [[once, 'for (const id of new Set(seen)) row[id] = row[id]! > 0 ? row[id]! * rep : row[id]! / rep;']],
      killedBy: [penalty, zero],
      looksLike: { en: 'ids that were seen become likelier', zh: '出现过的 id 变得更可能了' },
    },
    {
      name: 'every row has the past of the first',
      replace: [['seen[b] ?? []', 'seen[0] ?? []']],
      killedBy: [penalty, zero],
      looksLike: { en: 'all rows are punished for what the first row holds', zh: '所有行都按第一行的内容惩罚' },
    },
    {
      name: 'no penalty',
      replace: [['penalise(row, seen[b] ?? [], rep);', '']],
      killedBy: [penalty, zero, holds],
      looksLike: { en: 'the penalty is not applied', zh: '没有使用重复惩罚' },
    },
    {
      name: 'NaN goes through',
      replace: [['if (!Number.isFinite(top))', 'if (top === undefined)']],
      killedBy: refused,
      looksLike: { en: 'logits of NaN give some id; say that the model is broken', zh: 'logits 是 NaN 也给出了 id；应当报错' },
    },
    {
      name: 'changes the logits',
      replace: [
        ['logits.dataSync().slice() as Float32Array', 'logits.dataSync() as Float32Array'],
        ['if (temp === 0) return best;', 'if (temp === 0) return best; logits.dispose();'],
      ],
      killedBy: 'sampling keeps no tensors and leaves the logits as they are',
      looksLike: { en: 'the logits belong to the caller', zh: 'logits 属于调用者' },
    },
    {
      name: 'the batch stops when its first row ends',
      replace: [['made < maxNew && ended.includes(false)', 'made < maxNew && !ended.includes(true)']],
      killedBy: [end, bound],
      looksLike: { en: 'all rows stop as soon as one ends', zh: '一行结束，所有行都停了' },
    },
    {
      name: 'rows that ended go on',
      replace: [['const id = ended[b] ? pad : ids[b]!;', 'const id = ids[b]!;']],
      killedBy: end,
      looksLike: { en: 'a row that has ended is fed its own ids instead of pad', zh: '已结束的行继续填自己的 id，而不是 pad' },
    },
    {
      name: 'pads stand in the answer',
      replace: [['if (ended[b]) continue;', 'if (ended[b]) { answers[b]!.push(id); continue; }']],
      killedBy: [end, shown],
      looksLike: { en: 'answers hold padding', zh: '回答里有 pad' },
    },
    {
      name: 'the id that ends is always shown',
      replace: [['if (!ended[b] || includeStop)', 'if (id !== -1)']],
      killedBy: [end, shown],
      looksLike: { en: 'the stop id stands in the answer although nobody asked', zh: '没有要求，回答里却有结束 id' },
    },
    {
      name: 'only the first stop id counts',
      replace: [['stop.includes(id)', 'stop[0] === id']],
      killedBy: shown,
      looksLike: { en: 'only one of the stop ids ends a row', zh: '只有一个结束 id 起作用' },
    },
    {
      name: 'the prompt is in the answer',
      replace: [
        ['const answers: number[][] = prompts.map(() => []);', 'const answers: number[][] = prompts.map((prompt) => [...prompt]);'],
      ],
      killedBy: [end, shown],
      looksLike: { en: 'answers begin with their prompts', zh: '回答以提示开头' },
    },
    {
      name: 'asks once more at the end',
      replace: [['  return answers;\n', '  if (rows.length > 0) (await step(rows)).dispose();\n  return answers;\n']],
      killedBy: [end, bound],
      looksLike: { en: 'the model runs after the last id', zh: '最后一个 id 之后还跑了一次模型' },
    },
    {
      name: 'the prompt is not punished',
      replace: [['[...prompt, ...answers[b]!]', 'prompt.slice(prompt.length).concat(answers[b]!)']],
      killedBy: holds,
      looksLike: { en: 'the penalty does not see the prompt', zh: '重复惩罚没有看提示' },
    },
    {
      name: 'keeps the logits of every step',
      replace: [['tf.dispose([logits, drawn]);', 'drawn.dispose();']],
      killedBy: 'generate frees the logits of every step',
      looksLike: { en: 'the logits of every step stay in memory', zh: '每一步的 logits 都留在内存里' },
    },
  ],
  naive: [
    {
      name: 'sorts a list of all ids and their logits',
      replace: [
        [
          'const falling = row.slice().sort().reverse();',
          'const falling = Float32Array.from(Array.from(row, (value, id) => ({ value, id })).sort((a, b) => b.value - a.value || a.id - b.id), ({ value }) => value);',
        ],
      ],
      fails: 'a vocabulary of 49,152 ids keeps up',
    },
  ],
  survivors: [
    {
      why: 'on WASM, where the suite runs, dataSync hands out a copy; where it does not, the test of unchanged logits fails',
      mutants: ['call: logits.dataSync().slice() -> logits.dataSync()'],
    },
    {
      why: 'a Set of undefined is as empty as one of []',
      mutants: ['nullish: seen[b] ?? [] -> (seen[b])'],
    },
    {
      why: 'a typed array has no place -1 and none behind its end: what is written there is lost, and what is read is no larger than anything',
      mutants: ['constant: v = 0 -> v = -1', 'constant: v = 0 -> v = -1 #2', 'operator: v < V -> v <= V', 'operator: v < V -> v <= V #2'],
    },
    {
      why: '0 stays 0, whether it is divided or multiplied',
      mutants: ['operator: row[id]! > 0 -> row[id]! >= 0'],
    },
    {
      why: 'to keep all is a short cut; the long way keeps all whose weight is not lost beside the others',
      mutants: ['condition: k === V && topP === 1 -> false', 'constant: topP === 1 -> topP === 0', 'constant: topP === 1 -> topP === 2'],
    },
    {
      why: 'there is always a first weight, and it is positive: the largest is exp(0), and one id at least stays',
      mutants: [
        'argument: weights.reduce((sum, weight) => sum + weight, 0) -> weights.reduce((sum, weight) => sum + weight)',
        'constant: Math.max(1, count) -> Math.max(0, count)',
        'argument: weights.reduce((sum, weight) => sum + weight, 0) -> weights.reduce((sum, weight) => sum + weight) #2',
      ],
    },
    {
      why: 'whether weights have just reached p is decided by rounding, which the task leaves open',
      mutants: ['operator: count < k -> count <= k', 'operator: missing > 0 -> missing >= 0'],
    },
    {
      why: 'where one id stays, all that is above the second value is that one, and its equals are counted among those that stay',
      mutants: ['constant: Math.max(1, count) -> Math.max(2, count)'],
    },
    {
      why: 'the draw may walk along the ids in any order',
      mutants: ['method: kept.push(v) -> kept.unshift(v)'],
    },
    {
      why: 'both are disposed of',
      mutants: ['order: [logits, drawn] -> [drawn, logits]'],
    },
  ],
});
