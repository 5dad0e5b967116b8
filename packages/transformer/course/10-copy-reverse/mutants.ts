import { defineMutants } from '@llm-ladder/grader/course';

const batch = 'a batch holds the source, the reversed labels and the shifted input';
const trained = 'reverses at least 95 % of unseen strings, with two seeds';
const answer = 'translate: (strings) => greedyDecode(strings, weights, cfg),';

export default defineMutants({
  mutants: [
    {
      name: 'target not shifted in training',
      replace: [['shiftRight(rectangle(targets, S + 1, cfg.padId), cfg.bosId)', 'rectangle(targets, S + 1, cfg.padId)']],
      killedBy: [batch, trained],
      looksLike: {
        en: 'the decoder reads the very token that it is to say: the loss falls to 0 and nothing is learned',
        zh: '解码器读到了它要说的那个词元：损失降到 0，什么也没学到',
      },
    },
    {
      name: 'trained to copy',
      replace: [['[...string].reverse().concat(cfg.eosId)', '[...string, cfg.eosId]']],
      killedBy: [batch, trained],
      looksLike: { en: 'the target is the string itself, not its reverse', zh: '目标是字符串本身，没有反转' },
    },
    {
      name: 'no EOS stop',
      replace: [['return row.slice(1, end === -1 ? undefined : end);', 'return row.slice(1);']],
      killedBy: trained,
      looksLike: { en: 'a row goes on after its EOS', zh: '说了 EOS 之后那一行还在继续' },
    },
    {
      name: 'BOS left in the answer',
      replace: [[answer, 'translate: (strings) => greedyDecode(strings, weights, cfg).map((row) => [cfg.bosId, ...row]),']],
      killedBy: trained,
      looksLike: { en: 'the answer begins with BOS', zh: '答案开头带着 BOS' },
    },
    {
      name: 'EOS left in the answer',
      replace: [[answer, 'translate: (strings) => greedyDecode(strings, weights, cfg).map((row) => [...row, cfg.eosId]),']],
      killedBy: trained,
      looksLike: { en: 'the answer ends with EOS', zh: '答案末尾带着 EOS' },
    },
    {
      name: 'rows returned in order of length',
      replace: [[answer, 'translate: (strings) => greedyDecode([...strings].sort((a, b) => a.length - b.length), weights, cfg),']],
      killedBy: trained,
      looksLike: { en: 'answers come back in another order than the strings', zh: '答案的顺序和字符串的顺序不一致' },
    },
    {
      name: 'reverses without a model',
      replace: [
        ['if (strings.length === 0) return [];', 'if (strings.length >= 0) return strings.map((string) => [...string].reverse());'],
      ],
      killedBy: 'a model that was not trained knows nothing',
      looksLike: { en: 'the answers do not come from the model', zh: '答案不是模型给出的' },
    },
    {
      name: 'an empty list is not expected',
      replace: [['if (strings.length === 0) return [];', '']],
      killedBy: 'translating nothing gives nothing',
      looksLike: { en: 'translate([]) fails; it gives []', zh: 'translate([]) 出错了，应当返回 []' },
    },
    {
      name: 'padding is a label',
      replace: [['rectangle(targets, S + 1, IGNORE)', 'rectangle(targets, S + 1, cfg.padId)']],
      killedBy: batch,
      looksLike: { en: 'padding counts in the loss: its label is -100', zh: '填充进入了损失：它的标签应当是 -100' },
    },
    {
      name: 'dispose does nothing',
      replace: [['dispose: () => tf.dispose(variables),', 'dispose: () => undefined,']],
      killedBy: 'translating keeps no tensors, dispose frees the weights',
      looksLike: { en: 'dispose does not free the weights', zh: 'dispose 没有释放权重' },
    },
    {
      name: 'the optimizer stays',
      replace: [['  optimizer.dispose();\n', '']],
      killedBy: 'making a batch leaves its three tensors, and training nothing that dispose does not free',
      looksLike: { en: 'the optimizer keeps its tensors when training is over', zh: '训练结束后优化器的张量没有释放' },
    },
  ],
  naive: [
    {
      name: 'eight small batches a step',
      replace: [
        [
          "const { src, tgtIn, labels } = makeBatch(drawStrings(cfg, cfg.batch, rng, 'train'), cfg);",
          "const parts = Array.from({ length: Math.min(8, cfg.batch) }, () => makeBatch(drawStrings(cfg, Math.ceil(cfg.batch / 8), rng, 'train'), cfg));",
        ],
        [
          'ceLoss(forward(src, tgtIn, weights, cfg), labels)',
          'parts.map((one) => ceLoss(forward(one.src, one.tgtIn, weights, cfg), one.labels)).reduce((sum, loss) => sum.add(loss)).div<tf.Scalar>(parts.length)',
        ],
      ],
      fails: 'twenty steps keep up with the reference',
    },
  ],
  survivors: [
    {
      why: 'the development set only decides when training may stop: without it, or with another look at it, the same model trains longer',
      mutants: [
        "arguments: drawStrings(cfg, DEV_STRINGS, rng, 'held out') -> drawStrings(DEV_STRINGS, cfg, rng, 'held out')",
        "arguments: drawStrings(cfg, DEV_STRINGS, rng, 'held out') -> drawStrings(cfg, rng, DEV_STRINGS, 'held out')",
        "argument: drawStrings(cfg, DEV_STRINGS, rng, 'held out') -> drawStrings(cfg, DEV_STRINGS, rng)",
        'condition: step % STEPS_BETWEEN_CHECKS !== 0 || step === cfg.steps -> true',
        'condition: step % STEPS_BETWEEN_CHECKS !== 0 || step === cfg.steps -> false',
        'operator: step % STEPS_BETWEEN_CHECKS -> step * STEPS_BETWEEN_CHECKS',
        'operator: step % STEPS_BETWEEN_CHECKS !== 0 -> step % STEPS_BETWEEN_CHECKS === 0',
        'constant: step % STEPS_BETWEEN_CHECKS !== 0 -> step % STEPS_BETWEEN_CHECKS !== -1',
        'constant: step % STEPS_BETWEEN_CHECKS !== 0 -> step % STEPS_BETWEEN_CHECKS !== 1',
        'operator: step === cfg.steps -> step !== cfg.steps',
        'call: greedyDecode(dev, weights, cfg) -> (dev)',
        'arguments: greedyDecode(dev, weights, cfg) -> greedyDecode(dev, cfg, weights)',
        'call: shareRight(dev, answers) -> (dev)',
        'condition: shareRight(dev, answers) >= GOOD_ENOUGH -> false',
        'arguments: shareRight(dev, answers) -> shareRight(answers, dev)',
        'operator: shareRight(dev, answers) >= GOOD_ENOUGH -> shareRight(dev, answers) > GOOD_ENOUGH',
        'statement: break; -> ;',
      ],
    },
    {
      why: 'the pause is for the rest of the process, not for the result',
      mutants: ['statement: await pause(); -> ;'],
    },
    {
      why: 'one step more or less of 300',
      mutants: ['constant: step = 1 -> step = 0', 'constant: step = 1 -> step = 2', 'operator: step <= cfg.steps -> step < cfg.steps'],
    },
    {
      why: 'whatever is not held out is trained on: the default of drawStrings',
      mutants: ["argument: drawStrings(cfg, cfg.batch, rng, 'train') -> drawStrings(cfg, cfg.batch, rng)"],
    },
    {
      why: 'without a list TF.js takes every trainable variable, which are the same',
      mutants: [
        'argument: tf.variableGrads(() => ceLoss(forward(src, tgtIn, weights, cfg), labels), variables) -> tf.variableGrads(() => ceLoss(forward(src, tgtIn, weights, cfg), labels))',
      ],
    },
    {
      why: 'only strings of less than two symbols would tell, and the shortest have three',
      mutants: [
        'constant: Math.max(1, ...strings.map((string) => string.length)) -> Math.max(0, ...strings.map((string) => string.length))',
        'constant: Math.max(1, ...strings.map((string) => string.length)) -> Math.max(2, ...strings.map((string) => string.length))',
      ],
    },
    {
      why: 'what the decoder reads where no label is, no loss sees, and no earlier position',
      mutants: ['argument: rectangle(targets, S + 1, cfg.padId) -> rectangle(targets, S + 1)'],
    },
    {
      why: 'all rows of answers have T tokens: there is nothing to fill',
      mutants: ['argument: rectangle(rows, T, cfg.padId) -> rectangle(rows, T)'],
    },
    {
      why: 'a right answer has at most S symbols: room for a token more or less changes wrong answers only',
      mutants: [
        'operator: rows[0]!.length <= S + 1 -> rows[0]!.length < S + 1',
        'constant: S + 1 -> S + 0 #3',
        'constant: S + 1 -> S + 2 #3',
      ],
    },
    {
      why: 'an answer without EOS, or with nothing before it, is wrong however it is cut',
      mutants: [
        'condition: end === -1 -> false',
        'constant: end === -1 -> end === -2',
        'constant: end === -1 -> end === 0',
        'constant: end === -1 -> end === 1',
      ],
    },
  ],
});
