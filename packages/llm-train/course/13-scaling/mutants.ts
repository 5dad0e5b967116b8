import { defineMutants } from '@llm-ladder/grader/course';

const planted = 'planted laws are recovered within 5 %';
const exact = 'runs without noise give the law itself';
const outliers = 'runs that went wrong do not bend the fit';
const larger = 'the fit foretells runs a hundred times larger';
const order = 'the order of the runs does not matter, the runs do';
const fewer = 'fewer runs than numbers are refused, and runs without a loss';
const cost = 'GPT-3 cost 3.15e23 FLOPs';
const floor = 'lossAt adds a floor and two terms that fall';
const budget = 'the optimum uses the whole budget';
const better = 'no other split of the budget does better';
const alike = 'where both terms are alike, size and data are too';
const power = 'size grows with the budget to the power beta / (alpha + beta)';

const residual = 'Math.log(lossAt(law, N, D) / loss)';
const six = 'return 6 * N * D;';
const size = 'const N = ratio * (C / 6) ** (beta / (alpha + beta));';
const data = 'const D = C / (6 * N);';
const best = 'return lawOf(fits.reduce((best, fit) => (fit.cost < best.cost ? fit : best)).at);';

export default defineMutants({
  mutants: [
    {
      name: 'fits in linear space',
      replace: [[residual, '1e-4 * (lossAt(law, N, D) - loss)']],
      killedBy: outliers,
      looksLike: {
        en: 'squares of plain differences are fitted: large losses and broken runs decide; take logarithms, and let far residuals count linearly',
        zh: '拟合的是普通差值的平方：大的损失和坏掉的训练说了算；应取对数，并让大的残差只按线性计入',
      },
    },
    {
      name: 'least squares of the logarithms',
      replace: [[residual, `1e-4 * ${residual}`]],
      killedBy: outliers,
      looksLike: { en: 'squares let a few broken runs bend the fit', zh: '用平方时，几次坏掉的训练就带偏了拟合' },
    },
    {
      name: 'ignores E',
      replace: [['E: Math.exp(e!), A:', 'E: 0 * e!, A:']],
      killedBy: [planted, exact, larger],
      looksLike: { en: 'the law has no floor: both exponents come out too small', zh: '定律没有下限：两个指数都会偏小' },
    },
    {
      name: 'E is the lowest loss seen',
      replace: [['E: Math.exp(e!), A:', 'E: Math.min(...runs.map((run) => run.loss)) + 0 * e!, A:']],
      killedBy: [planted, exact],
      looksLike: { en: 'E is taken to be the lowest loss; no run has reached it', zh: '把最低的损失当成了 E；没有哪次训练达到过它' },
    },
    {
      name: 'one exponent for both',
      replace: [['...{ alpha: alpha!, beta: beta! }', '...{ alpha: alpha! + 0 * beta!, beta: alpha! }']],
      killedBy: [planted, exact],
      looksLike: { en: 'alpha and beta are taken to be equal', zh: '把 alpha 和 beta 当成了同一个数' },
    },
    {
      name: 'alpha and beta swapped',
      replace: [
        ['...{ alpha: alpha!, beta: beta! }', '...{ alpha: beta!, beta: alpha! }'],
        [
          best,
          'const { alpha, beta, ...rest } = lawOf(fits.reduce((best, fit) => (fit.cost < best.cost ? fit : best)).at); return { ...rest, alpha: beta, beta: alpha };',
        ],
      ],
      killedBy: [planted, exact],
      looksLike: { en: 'alpha and beta are swapped in the result', zh: '结果里 alpha 和 beta 弄反了' },
    },
    {
      name: 'A and B come back as logarithms',
      replace: [
        [
          best,
          'const law = lawOf(fits.reduce((best, fit) => (fit.cost < best.cost ? fit : best)).at); return { ...law, A: Math.log(law.A), B: Math.log(law.B) };',
        ],
      ],
      killedBy: [exact, larger],
      looksLike: { en: 'A and B are still logarithms in the result', zh: '结果里的 A 和 B 还是对数' },
    },
    {
      name: 'keeps the dearest search',
      replace: [
        [
          best,
          'return lawOf(minimise((numbers) => residuals(numbers).map(() => 0), fits[0]!.at.map((value, i) => value + (i > 2 ? 0.1 : 0))).at);',
        ],
      ],
      killedBy: [planted, exact],
      looksLike: { en: 'the search ends before it has found the lowest cost', zh: '还没找到最小的代价就停了' },
    },
    {
      name: 'only the first runs are read',
      replace: [['return runs.map(({ N, D, loss }) => Math.log', 'return runs.slice(0, 9).map(({ N, D, loss }) => Math.log']],
      killedBy: [exact, larger],
      looksLike: { en: 'not all runs enter the fit', zh: '并不是所有训练都进入了拟合' },
    },
    {
      name: 'any number of runs',
      replace: [['runs.length < 5 || ', 'runs.length < 1 || ']],
      killedBy: fewer,
      looksLike: { en: 'four runs cannot fix five numbers', zh: '四次训练定不下五个数' },
    },
    {
      name: 'two FLOPs',
      replace: [[six, 'return 2 * N * D;']],
      killedBy: cost,
      looksLike: { en: 'only the forward pass is counted', zh: '只算了前向' },
    },
    {
      name: 'FLOPs with an embedding on top',
      replace: [[six, 'return 6 * (N + 50_000 * 768) * D;']],
      killedBy: cost,
      looksLike: { en: 'an embedding is added to N: count parameters one way everywhere', zh: '给 N 加了嵌入：参数要到处用同一种数法' },
    },
    {
      name: 'the budget counts another N than the law',
      replace: [[data, 'const D = C / (6 * 0.8 * N);']],
      killedBy: [budget, alike],
      looksLike: {
        en: 'the budget is met with N less its embeddings, the law with all of N: use one N',
        zh: '预算里的 N 不含嵌入，定律里的 N 含嵌入：应当用同一个 N',
      },
    },
    {
      name: 'the six is forgotten in the data',
      replace: [[data, 'const D = C / N;']],
      killedBy: [budget, alike],
      looksLike: { en: 'N times D is C; it is C / 6', zh: 'N 乘 D 等于了 C；应当是 C / 6' },
    },
    {
      name: 'the six is forgotten in the size',
      replace: [[size, 'const N = ratio * C ** (beta / (alpha + beta));']],
      killedBy: [better, alike],
      looksLike: { en: 'the size is worked out for N D = C', zh: '参数量是按 N D = C 算的' },
    },
    {
      name: 'the exponents of the optimum swapped',
      replace: [[size, 'const N = ratio * (C / 6) ** (alpha / (alpha + beta));']],
      killedBy: [better, power],
      looksLike: { en: 'the size grows with alpha / (alpha + beta); it is beta', zh: '参数量按 alpha / (alpha + beta) 增长；应当是 beta' },
    },
    {
      name: 'the ratio upside down',
      replace: [['((alpha * A) / (beta * B)) **', '((beta * B) / (alpha * A)) **']],
      killedBy: better,
      looksLike: { en: 'the ratio of the two terms is upside down', zh: '两项之比弄倒了' },
    },
    {
      name: 'the ratio without its exponents',
      replace: [['((alpha * A) / (beta * B)) **', '(A / B) **']],
      killedBy: better,
      looksLike: { en: 'both terms are made equal; their slopes must be', zh: '让两项相等了；应当是斜率相等' },
    },
    {
      name: 'half of the logarithm for each',
      replace: [[size, 'const N = ratio ** 0 * Math.sqrt(C / 6);']],
      killedBy: [better, power],
      looksLike: {
        en: 'size and data are taken to be equal: 6 N D alone gives no optimum',
        zh: '让参数量和数据量相等了：仅凭 6ND 得不出最优',
      },
    },
    {
      name: 'twenty tokens for each parameter',
      replace: [[size, 'const N = ratio ** 0 * Math.sqrt(C / 120);']],
      killedBy: [better, alike, power],
      looksLike: { en: 'a rule of thumb instead of the law that was fitted', zh: '用了经验法则，而不是拟合出来的定律' },
    },
    {
      name: 'the loss of the optimum lacks E',
      replace: [['return { N, D, loss: lossAt(law, N, D) };', 'return { N, D, loss: lossAt({ ...law, E: 0 }, N, D) };']],
      killedBy: budget,
      looksLike: { en: 'the loss at the optimum leaves out E', zh: '最优处的损失漏了 E' },
    },
    {
      name: 'the terms rise',
      replace: [['return E + A / N ** alpha + B / D ** beta;', 'return E + A * N ** alpha + B * D ** beta;']],
      killedBy: [floor, planted],
      looksLike: { en: 'the terms grow with N and D', zh: '两项随 N 和 D 增大' },
    },
    {
      name: 'the runs with the highest losses are dropped',
      replace: [
        [
          'return runs.map(({ N, D, loss }) => Math.log',
          'return runs.filter((run, i) => i > 0 && run.loss < runs[0]!.loss * 0.2).map(({ N, D, loss }) => Math.log',
        ],
      ],
      killedBy: [planted, order],
      looksLike: { en: 'runs are left out of the fit', zh: '有些训练没有进入拟合' },
    },
  ],
  survivors: [
    {
      why: 'A and B may be fitted as they are, or as logarithms: any way to the same minimum is fine',
      mutants: ['call: Math.exp(a!) -> (a)', 'call: Math.exp(b!) -> (b)'],
    },
    {
      why: 'where the searches begin is open: the cheapest of them ends in the same minimum',
      mutants: [
        'method: Math.min(...runs.map(({ loss }) => loss)) -> Math.max(...runs.map(({ loss }) => loss))',
        'call: Math.exp(runs.reduce((sum, run) => sum + Math.log(pick(run)), 0) / runs.length) -> (runs.reduce((sum, run) => sum + Math.log(pick(run)), 0) / runs.length)',
        'constant: runs.reduce((sum, run) => sum + Math.log(pick(run)), 0) -> runs.reduce((sum, run) => sum + Math.log(pick(run)), -1)',
        'constant: runs.reduce((sum, run) => sum + Math.log(pick(run)), 0) -> runs.reduce((sum, run) => sum + Math.log(pick(run)), 1)',
        'order: [middle((run) => run.N), middle((run) => run.D), middle((run) => run.loss)] -> [middle((run) => run.D), middle((run) => run.N), middle((run) => run.loss)]',
        'call: Math.log((loss - share * lowest) / 2) -> ((loss - share * lowest) / 2)',
        'method: Math.log((loss - share * lowest) / 2) -> Math.exp((loss - share * lowest) / 2)',
        'operator: loss - share * lowest -> loss + share * lowest',
        'operator: share * lowest -> share / lowest',
        'operator: (loss - share * lowest) / 2 -> (loss - share * lowest) * 2',
        'constant: (loss - share * lowest) / 2 -> (loss - share * lowest) / 1',
        'constant: (loss - share * lowest) / 2 -> (loss - share * lowest) / 3',
        'order: [half + exponent * Math.log(N), half + other * Math.log(D), Math.log(share * lowest), ex -> [half + other * Math.log(D), half + exponent * Math.log(N), Math.log(share * lowest), ex',
        'operator: half + exponent * Math.log(N) -> half - exponent * Math.log(N)',
        'operator: exponent * Math.log(N) -> exponent / Math.log(N)',
        'operator: half + other * Math.log(D) -> half - other * Math.log(D)',
        'operator: other * Math.log(D) -> other / Math.log(D)',
        'call: Math.log(share * lowest) -> (share * lowest)',
        'method: Math.log(share * lowest) -> Math.exp(share * lowest)',
        'operator: share * lowest -> share / lowest #2',
        'order: D), Math.log(share * lowest), exponent, other] -> D), Math.log(share * lowest), other, exponent]',
      ],
    },
    {
      why: 'of equally cheap fits either is fine; and the search from the last start alone reaches the minimum for all laws near those of papers',
      mutants: ['condition: fit.cost < best.cost -> true', 'operator: fit.cost < best.cost -> fit.cost <= best.cost'],
    },
  ],
});
