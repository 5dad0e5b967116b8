/**
 * Little stories without end, in English and Chinese: the corpus that `ladder train` learns from when nothing else is given. All of it is ours.
 * Seeded: the same seed gives the same stories on every machine. Ten plots, told with a cast, places and things that are drawn anew each time.
 */
import { UsageError } from '@llm-ladder/backend/errors';
import { Dice, expand, type Scene } from './phrases.ts';
import { englishPlots, type Plot } from './stories-en.ts';
import { chinesePlots } from './stories-zh.ts';
import {
  animals,
  colours,
  dishes,
  foods,
  hidingPlaces,
  names,
  numbers,
  type Person,
  places,
  plants,
  shelters,
  type Thing,
  toys,
  weathers,
} from './words.ts';

export type Language = 'en' | 'zh';

export interface Story {
  readonly language: Language;
  readonly plot: Plot;
  readonly text: string;
  /** Who and what it is about: answers to questions about it. */
  readonly scene: Scene;
}

export const plots = Object.keys(englishPlots) as readonly Plot[];

/** Stories until their texts have `bytes` bytes (UTF-8) together, languages taking turns. Throws UsageError for a size that is no size. */
export function* stories(seed: number, bytes: number, languages: readonly Language[] = ['en', 'zh']): Generator<Story> {
  if (!(bytes > 0)) throw new UsageError('stories', 'a number of bytes above 0', String(bytes));
  const dice = new Dice(seed);
  const encoder = new TextEncoder();
  for (let written = 0, at = 0; written < bytes; at++) {
    const story = drawStory(dice, languages[at % languages.length] as Language);
    written += encoder.encode(story.text).length;
    yield story;
  }
}

/** One story: a plot, a cast, and one choice at every fork. */
export function drawStory(
  dice: Dice,
  language: Language,
  wanted: { readonly plot?: Plot; readonly hero?: Person; readonly toy?: Thing } = {},
): Story {
  const plot = wanted.plot ?? dice.pick(plots);
  const scene = language === 'en' ? englishScene(dice, wanted) : chineseScene(dice, wanted);
  const templates = language === 'en' ? englishPlots[plot] : chinesePlots[plot];
  const sentences = templates.map((template) => expand(template, scene, dice).trim());
  return { language, plot, scene, text: language === 'en' ? tidyEnglish(sentences.join(' ')) : sentences.join('') };
}

// --- helpers ---

type Wanted = { readonly hero?: Person; readonly toy?: Thing };

function englishScene(dice: Dice, { hero = dice.pick(names.en), toy = dice.pick(toys) }: Wanted): Scene {
  const friend = dice.pick(names.en.filter(({ name }) => name !== hero.name));
  const food = dice.pick(foods).en;
  return {
    hero: hero.name,
    friend: friend.name,
    ...(hero.she ? { he: 'she', his: 'her', him: 'her' } : { he: 'he', his: 'his', him: 'him' }),
    ...(friend.she ? { fhe: 'she', fhis: 'her' } : { fhe: 'he', fhis: 'his' }),
    toy: toy.en,
    food,
    foods: `${food}${/(ch|sh)$/.test(food) ? 'es' : 's'}`,
    dish: dice.pick(dishes).en,
    plant: dice.pick(plants).en,
    place: dice.pick(places).en,
    spot: dice.pick(hidingPlaces).en,
    shelter: dice.pick(shelters).en,
    weather: dice.pick(weathers).en,
    colour: dice.pick(colours).en,
    number: (numbers[2 + dice.below(9)] as { en: string }).en,
    animal: dice.pick(animals).en,
  };
}

function chineseScene(dice: Dice, { hero = dice.pick(names.zh), toy = dice.pick(toys) }: Wanted): Scene {
  const friend = dice.pick(names.zh.filter(({ name }) => name !== hero.name));
  const [food, dish, plant] = [dice.pick(foods), dice.pick(dishes), dice.pick(plants)];
  return {
    hero: hero.name,
    friend: friend.name,
    ta: hero.she ? '她' : '他',
    fta: friend.she ? '她' : '他',
    toy: toy.zh,
    aToy: `一${toy.measure}${toy.zh}`,
    food: food.zh,
    foodMeasure: food.measure,
    aFood: `一${food.measure}${food.zh}`,
    dish: dish.zh,
    aDish: `一${dish.measure}${dish.zh}`,
    plant: plant.zh,
    plantMeasure: plant.measure,
    place: dice.pick(places).zh,
    spot: dice.pick(hidingPlaces).zh,
    shelter: dice.pick(shelters).zh,
    weather: dice.pick(weathers).zh,
    colour: dice.pick(colours).zh,
    number: counted(2 + dice.below(9)),
    animal: dice.pick(animals).zh,
  };
}

/** Two is 两 before a measure word. */
function counted(n: number): string {
  return n === 2 ? '两' : (numbers[n] as { zh: string }).zh;
}

/** `a apple` -> `an apple`; a question or a shout inside quotes needs no comma behind it, and no comma a space before it. */
function tidyEnglish(text: string): string {
  return text
    .replace(/\b([Aa]) (?=[aeiou])/g, '$1n ')
    .replace(/([?!]),"/g, '$1"')
    .replace(/ ,/g, ',')
    .replace(/([?!])\."/g, '$1"');
}
