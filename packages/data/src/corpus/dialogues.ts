/**
 * Short conversations, in English and Chinese, for instruction tuning: what a story is about, small facts, small sums, opposites, translations, a story on demand,
 * and who the model is. All of it is ours, seeded, and every answer is right by construction.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import { Dice } from './phrases.ts';
import { drawStory, type Language } from './stories.ts';
import { type Animal, animals, colouredThings, colours, days, names, numbers, opposites, type Pair, toys } from './words.ts';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export type Dialogue = readonly Message[];

/** One question and its answer in one language. */
type Turn = readonly [question: string, answer: string];
type Subject = (dice: Dice, language: Language) => Turn[];

/** `count` conversations, languages taking turns. Throws UsageError for a count that is no count. */
export function* dialogues(seed: number, count: number, languages: readonly Language[] = ['en', 'zh']): Generator<Dialogue> {
  if (!Number.isInteger(count) || count < 1) throw new UsageError('dialogues', 'a whole number above 0', String(count));
  const dice = new Dice(seed ^ 0x5f3759df); // not the numbers that the stories of this seed are drawn with
  for (let at = 0; at < count; at++) {
    const language = languages[at % languages.length] as Language;
    const turns = dice.pick(subjects)(dice, language);
    if (dice.below(6) === 0) turns.push(thanks(dice, language));
    yield turns.flatMap(([question, answer]): Message[] => [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ]);
  }
}

// --- what they are about ---

const tellAStory: Subject = (dice, language) => {
  const [hero, toy] = [dice.pick(names[language]), dice.pick(toys)];
  const plot = dice.pick(['lost', 'broken'] as const); // the two in which the thing matters
  const { text } = drawStory(dice, language, { plot, hero, toy });
  const ask = {
    en: [
      `Tell me a story about ${hero.name} and a ${toy.en}.`,
      `Please tell a story with ${hero.name} and a ${toy.en}.`,
      `Can you tell me a story? It should have ${hero.name} and a ${toy.en} in it.`,
    ],
    zh: [
      `讲一个${hero.name}和${toy.zh}的故事。`,
      `请讲个故事，里面有${hero.name}和一${toy.measure}${toy.zh}。`,
      `给我讲一个关于${hero.name}和${toy.zh}的故事吧。`,
    ],
  };
  return [[withArticle(dice.pick(ask[language])), text]];
};

const anyStory: Subject = (dice, language) => {
  const ask = {
    en: ['Tell me a story.', 'Please tell me a short story.', 'I want to hear a story.'],
    zh: ['讲个故事。', '请给我讲一个小故事。', '我想听故事。'],
  };
  return [[dice.pick(ask[language]), drawStory(dice, language).text]];
};

/** Questions whose answer stands in the text. */
const aboutAStory: Subject = (dice, language) => {
  const plot = dice.pick(['lost', 'broken', 'gift'] as const);
  const { text, scene } = drawStory(dice, language, { plot });
  const { hero, friend, colour, toy, place } = scene as Record<'hero' | 'friend' | 'colour' | 'toy' | 'place', string>;
  const facts: Record<Language, Turn[]> = {
    en: [
      [
        plot === 'gift' ? 'Who wants to give a gift?' : `Who has a ${toy}?`,
        `${hero}${plot === 'gift' ? ' wants to give a gift' : ` has a ${toy}`}.`,
      ],
      [`What colour is the ${toy}?`, `The ${toy} is ${colour}.`],
      ...(plot === 'gift' ? [] : [[`Who is with ${hero}?`, `${friend} is with ${hero}.`] as const]),
      ...(plot === 'lost' ? [['Where does the story begin?', `It begins at ${place}.`] as const] : []),
    ],
    zh: [
      [plot === 'gift' ? '谁想送礼物？' : `谁有${toy}？`, `${hero}${plot === 'gift' ? '想送礼物' : `有${toy}`}。`],
      [`${toy}是什么颜色的？`, `${toy}是${colour}的。`],
      ...(plot === 'gift' ? [] : [[`谁和${hero}在一起？`, `${friend}和${hero}在一起。`] as const]),
      ...(plot === 'lost' ? [['故事从哪里开始？', `从${place}开始。`] as const] : []),
    ],
  };
  const [[first, answer], ...more] = dice.some(facts[language], 1 + dice.below(2)) as [Turn, ...Turn[]];
  return [[`${text}\n\n${first}`, answer], ...more].map(([q, a]) => [withArticle(q), withArticle(a)] as const);
};

const opposite: Subject = (dice, language) => {
  const pair = dice.pick(opposites);
  const [a, b] = (dice.below(2) === 0 ? pair : [pair[1], pair[0]]) as [Pair, Pair];
  return language === 'en'
    ? [[dice.pick([`What is the opposite of ${a.en}?`, `Tell me the opposite of "${a.en}".`]), `The opposite of ${a.en} is ${b.en}.`]]
    : [[dice.pick([`“${a.zh}”的反义词是什么？`, `${a.zh}的反面是什么？`]), `“${a.zh}”的反义词是“${b.zh}”。`]];
};

const sum: Subject = (dice, language) => {
  const [a, b] = [dice.below(11), dice.below(10)];
  const minus = dice.below(2) === 0 && a >= b;
  const result = minus ? a - b : a + b;
  const spoken = (n: number) => (numbers[n] as Pair)[language];
  if (dice.below(2) === 0) {
    const task = `${a} ${minus ? '-' : '+'} ${b}`;
    return language === 'en' ? [[`What is ${task}?`, `${task} = ${result}.`]] : [[`${task} 等于多少？`, `${task} = ${result}。`]];
  }
  return language === 'en'
    ? [
        [
          `What is ${spoken(a)} ${minus ? 'minus' : 'plus'} ${spoken(b)}?`,
          `${capital(spoken(a))} ${minus ? 'minus' : 'plus'} ${spoken(b)} is ${spoken(result)}.`,
        ],
      ]
    : [[`${spoken(a)}${minus ? '减' : '加'}${spoken(b)}等于几？`, `${spoken(a)}${minus ? '减' : '加'}${spoken(b)}等于${spoken(result)}。`]];
};

const countOn: Subject = (dice, language) => {
  const [from, steps] = [1 + dice.below(14), 3 + dice.below(4)];
  const list = Array.from({ length: steps }, (_, i) => (numbers[from + i] as Pair)[language]);
  const [first, last] = [list[0], list.at(-1)];
  return language === 'en'
    ? [[`Count from ${first} to ${last}.`, `${capital(list.join(', '))}.`]]
    : [[`从${first}数到${last}。`, `${list.join('、')}。`]];
};

const translation: Subject = (dice, language) => {
  const word: Pair = dice.pick<Pair>(dice.pick<readonly Pair[]>([animals, toys, colours, days, numbers]));
  return language === 'en'
    ? [
        [
          dice.pick([`What is "${word.en}" in Chinese?`, `Translate into Chinese: ${word.en}`]),
          `"${capital(word.en)}" in Chinese is ${word.zh}.`,
        ],
      ]
    : [[dice.pick([`“${word.zh}”用英语怎么说？`, `翻译成英语：${word.zh}`]), `“${word.zh}”的英语是 ${word.en}。`]];
};

const animalFacts: Subject = (dice, language) => {
  const beast: Animal = dice.pick(animals);
  const facts: Record<Language, Turn[]> = {
    en: [
      [`What sound does a ${beast.en} make?`, `A ${beast.en} says ${beast.sound.en}.`],
      [`How many legs does a ${beast.en} have?`, `A ${beast.en} has ${(numbers[beast.legs] as Pair).en} legs.`],
      [`How does a ${beast.en} move?`, `A ${beast.en} likes to ${beast.moves.en}.`],
    ],
    zh: [
      [`${beast.zh}怎么叫？`, `${beast.zh}的叫声是“${beast.sound.zh}”。`],
      [`${beast.zh}有几条腿？`, `${beast.zh}有${beast.legs === 2 ? '两' : '四'}条腿。`],
      [`${beast.zh}怎么走路？`, `${beast.zh}喜欢${beast.moves.zh}。`],
    ],
  };
  return dice.some(facts[language], 1 + dice.below(2)).map(([q, a]) => [withArticle(q), withArticle(a)] as const);
};

const colourOf: Subject = (dice, language) => {
  const [thing, name] = dice.pick(colouredThings);
  const colour = colours.find(({ en }) => en === name) as Pair;
  return language === 'en'
    ? [[`What colour is ${thing.en}?`, `${capital(thing.en)} is ${colour.en}.`]]
    : [[`${thing.zh}是什么颜色？`, `${thing.zh}是${colour.zh}的。`]];
};

const nextDay: Subject = (dice, language) => {
  const at = dice.below(7);
  const [day, after, before] = [days[at], days[(at + 1) % 7], days[(at + 6) % 7]] as [Pair, Pair, Pair];
  const later = dice.below(2) === 0;
  return language === 'en'
    ? [
        [
          `Which day comes ${later ? 'after' : 'before'} ${day.en}?`,
          `${later ? after.en : before.en} comes ${later ? 'after' : 'before'} ${day.en}.`,
        ],
      ]
    : [[`${day.zh}的${later ? '后' : '前'}一天是星期几？`, `${day.zh}的${later ? '后' : '前'}一天是${later ? after.zh : before.zh}。`]];
};

const whoAreYou: Subject = (dice, language) => {
  const turns: Record<Language, Turn[]> = {
    en: [
      ['Who are you?', 'I am a small language model. I learned from little stories.'],
      ['What is your name?', 'My name is Ladder. I am a small language model.'],
      ['What can you do?', 'I can tell little stories, answer small questions and count.'],
      ['Hello!', 'Hello! How can I help you?'],
      ['How are you?', 'I am fine, thank you. What would you like to know?'],
      ['Are you a person?', 'No, I am a computer program. I am a small language model.'],
    ],
    zh: [
      ['你是谁？', '我是一个小小的语言模型，是读小故事长大的。'],
      ['你叫什么名字？', '我叫阶梯，是一个小小的语言模型。'],
      ['你会做什么？', '我会讲小故事，回答简单的问题，还会数数。'],
      ['你好！', '你好！有什么可以帮你？'],
      ['你好吗？', '我很好，谢谢。你想知道什么？'],
      ['你是人吗？', '不是，我是电脑程序，一个小小的语言模型。'],
    ],
  };
  return dice.some(turns[language], 1 + dice.below(2));
};

const subjects: readonly Subject[] = [
  tellAStory,
  tellAStory,
  anyStory,
  aboutAStory,
  aboutAStory,
  opposite,
  sum,
  countOn,
  translation,
  animalFacts,
  colourOf,
  nextDay,
  whoAreYou,
];

// --- helpers ---

function thanks(dice: Dice, language: Language): Turn {
  return dice.pick<Turn>(
    language === 'en'
      ? [
          ['Thank you!', 'You are welcome!'],
          ['Thanks. Goodbye!', 'Goodbye! See you soon.'],
        ]
      : [
          ['谢谢！', '不客气！'],
          ['谢谢，再见！', '再见！下次再聊。'],
        ],
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function withArticle(text: string): string {
  return text.replace(/\b([Aa]) (?=[aeiou])/g, '$1n ');
}
