/** The small world that stories and questions are about: who lives there, what they have, where they go. Everything in English and Chinese. */

export interface Person {
  readonly name: string;
  readonly she: boolean;
}

export interface Animal {
  readonly en: string;
  readonly zh: string;
  /** What it says, and how it moves. */
  readonly sound: { readonly en: string; readonly zh: string };
  readonly moves: { readonly en: string; readonly zh: string };
  readonly legs: number;
}

export interface Thing {
  readonly en: string;
  readonly zh: string;
  /** The measure word: 一只风筝. */
  readonly measure: string;
}

export interface Pair {
  readonly en: string;
  readonly zh: string;
}

const people = (names: string, she: boolean): Person[] => names.split(' ').map((name) => ({ name, she }));
const pairs = (text: string): Pair[] =>
  text.split(', ').map((entry) => {
    const [en, zh] = entry.split('=') as [string, string];
    return { en, zh };
  });
const things = (text: string): Thing[] =>
  text.split(', ').map((entry) => {
    const [en, zh, measure] = entry.split('=') as [string, string, string];
    return { en, zh, measure };
  });

export const names = {
  en: [
    ...people('Lily Mia Anna Zoe Nora Ruby Ella Rosa Ivy Clara Hana Maya', true),
    ...people('Tom Ben Sam Leo Max Jack Finn Omar Hugo Noah Oscar Kai', false),
  ],
  zh: [
    ...people('小梅 小兰 婷婷 小雨 佳佳 圆圆 朵朵 小雪 思思 小荷', true),
    ...people('小明 小刚 乐乐 豆豆 阿宝 晓东 大伟 冬冬 小虎 东东', false),
  ],
};

const animal = (en: string, zh: string, sound: [string, string], moves: [string, string], legs: number): Animal => ({
  en,
  zh,
  sound: { en: sound[0], zh: sound[1] },
  moves: { en: moves[0], zh: moves[1] },
  legs,
});

export const animals: readonly Animal[] = [
  animal('rabbit', '兔子', ['squeak', '吱吱'], ['hop', '蹦蹦跳跳'], 4),
  animal('fox', '狐狸', ['yip', '嗷嗷'], ['trot', '小跑'], 4),
  animal('bear', '熊', ['growl', '呜呜'], ['plod', '慢慢走'], 4),
  animal('duck', '鸭子', ['quack', '嘎嘎'], ['waddle', '摇摇摆摆'], 2),
  animal('mouse', '老鼠', ['squeak', '吱吱'], ['scurry', '飞快地跑'], 4),
  animal('owl', '猫头鹰', ['hoot', '咕咕'], ['fly', '飞'], 2),
  animal('frog', '青蛙', ['croak', '呱呱'], ['jump', '跳'], 4),
  animal('cat', '猫', ['meow', '喵喵'], ['creep', '轻轻走'], 4),
  animal('dog', '狗', ['bark', '汪汪'], ['run', '跑'], 4),
  animal('horse', '马', ['neigh', '咴咴'], ['gallop', '飞奔'], 4),
  animal('sheep', '羊', ['baa', '咩咩'], ['wander', '慢慢走'], 4),
  animal('hen', '母鸡', ['cluck', '咯咯'], ['strut', '昂着头走'], 2),
  animal('squirrel', '松鼠', ['chatter', '叽叽'], ['climb', '爬树'], 4),
  animal('goose', '鹅', ['honk', '嘎嘎'], ['waddle', '摇摇摆摆'], 2),
];

export const places = pairs(
  'the park=公园, the river=小河边, the forest=森林, the beach=海边, the garden=花园, the market=集市, the hill=小山坡, the library=图书馆, the farm=农场, the pond=池塘边, the old bridge=旧桥, the playground=操场, the meadow=草地, the village square=村里的广场, the bakery=面包店, the train station=火车站',
);

export const toys = things(
  'kite=风筝=只, ball=皮球=个, boat=小船=条, drum=小鼓=面, doll=布娃娃=个, toy car=玩具车=辆, whistle=哨子=个, puzzle=拼图=幅, book=图画书=本, hat=帽子=顶, scarf=围巾=条, basket=篮子=个, bell=铃铛=个, lantern=灯笼=盏, umbrella=雨伞=把, watch=手表=块, key=钥匙=把, button=纽扣=颗, blanket=毯子=条, flute=笛子=支',
);

export const foods = things(
  'apple=苹果=个, pear=梨=个, sandwich=三明治=个, cookie=饼干=块, bun=包子=个, peach=桃子=个, cake=蛋糕=块, carrot=胡萝卜=根, banana=香蕉=根, pancake=煎饼=张, plum=李子=颗, dumpling=饺子=个, egg=鸡蛋=个, melon=西瓜=块',
);

/** What can be cooked. */
export const dishes = things(
  'cake=蛋糕=个, soup=汤=碗, pie=馅饼=个, pancake=煎饼=张, bun=包子=个, pudding=布丁=份, dumpling=饺子=个, cookie=饼干=块, loaf of bread=面包=个',
);

export const plants = things(
  'sunflower=向日葵=棵, tomato=西红柿=棵, pumpkin=南瓜=棵, bean=豆苗=棵, rose=玫瑰=株, apple tree=苹果树=棵, strawberry=草莓=株, corn=玉米=棵',
);

export const colours = pairs(
  'red=红色, blue=蓝色, green=绿色, yellow=黄色, white=白色, black=黑色, orange=橙色, purple=紫色, brown=棕色, pink=粉色',
);

export const weathers = pairs('sunny=晴朗, windy=刮风, cloudy=多云, warm=暖和, cold=寒冷, rainy=下雨, snowy=下雪, foggy=有雾');

export const hidingPlaces = pairs(
  'under a bench=长椅下面, behind a tree=大树后面, in the tall grass=高高的草丛里, inside a box=一个盒子里, under the bed=床底下, next to the well=水井旁边, on the roof of the shed=小屋的屋顶上, between two stones=两块石头中间, beside the gate=大门旁边, in a wheelbarrow=手推车里',
);

/** Where it stays dry. */
export const shelters = pairs(
  'under the old bridge=旧桥下面, in a barn=谷仓里, under a big oak=大橡树下面, in a small cave=小山洞里, under the roof of the mill=磨坊的屋檐下, in an empty hut=一间空屋子里, under a market stall=集市的棚子下面',
);

export const opposites: readonly (readonly [Pair, Pair])[] = (
  [
    ['big=大', 'small=小'],
    ['hot=热', 'cold=冷'],
    ['fast=快', 'slow=慢'],
    ['up=上', 'down=下'],
    ['day=白天', 'night=黑夜'],
    ['happy=高兴', 'sad=难过'],
    ['open=开', 'closed=关'],
    ['wet=湿', 'dry=干'],
    ['long=长', 'short=短'],
    ['light=轻', 'heavy=重'],
    ['loud=响亮', 'quiet=安静'],
    ['full=满', 'empty=空'],
    ['young=年轻', 'old=年老'],
    ['high=高', 'low=低'],
    ['near=近', 'far=远'],
    ['clean=干净', 'dirty=脏'],
  ] as const
).map(([a, b]) => [pairs(a)[0] as Pair, pairs(b)[0] as Pair] as const);

export const days = pairs(
  'Monday=星期一, Tuesday=星期二, Wednesday=星期三, Thursday=星期四, Friday=星期五, Saturday=星期六, Sunday=星期日',
);

export const numbers = pairs(
  'zero=零, one=一, two=二, three=三, four=四, five=五, six=六, seven=七, eight=八, nine=九, ten=十, eleven=十一, twelve=十二, thirteen=十三, fourteen=十四, fifteen=十五, sixteen=十六, seventeen=十七, eighteen=十八, nineteen=十九, twenty=二十',
);

/** Things with a colour that everyone agrees on. */
export const colouredThings: readonly (readonly [Pair, string])[] = [
  [{ en: 'grass', zh: '草' }, 'green'],
  [{ en: 'the sky on a clear day', zh: '晴天的天空' }, 'blue'],
  [{ en: 'snow', zh: '雪' }, 'white'],
  [{ en: 'a ripe tomato', zh: '熟了的西红柿' }, 'red'],
  [{ en: 'a banana', zh: '香蕉' }, 'yellow'],
  [{ en: 'coal', zh: '煤' }, 'black'],
  [{ en: 'a carrot', zh: '胡萝卜' }, 'orange'],
  [{ en: 'milk', zh: '牛奶' }, 'white'],
  [{ en: 'a ripe lemon', zh: '熟了的柠檬' }, 'yellow'],
  [{ en: 'chocolate', zh: '巧克力' }, 'brown'],
];
