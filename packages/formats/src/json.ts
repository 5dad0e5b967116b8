/** JSON of others, checked before it is believed. */
import { UsageError } from '@llm-ladder/backend/errors';

export type Json = Readonly<Record<string, unknown>>;

/** The object that a text is. Throws UsageError that names `source` for anything else. */
export function parseObject(text: string, source: string): Json {
  try {
    const json: unknown = JSON.parse(text);
    if (isObject(json)) return json;
  } catch {}
  throw new UsageError(source, 'a JSON object', JSON.stringify(text.slice(0, 40)));
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a key. Throws UsageError for anything else. */
export function objectAt(json: Json, key: string, source: string): Json {
  const value = json[key];
  if (!isObject(value)) throw new UsageError(source, `an object "${key}"`, JSON.stringify(value)?.slice(0, 40) ?? 'none');
  return value;
}

/** Throws UsageError, naming the setting, unless each key has one of its known values; the first is the one that is told. */
export function mustHold(json: Json, source: string, where: string, rules: Readonly<Record<string, readonly unknown[]>>): void {
  for (const [key, known] of Object.entries(rules)) {
    if (known.includes(json[key])) continue;
    throw new UsageError(source, `${where}.${key}: ${JSON.stringify(known[0])}`, JSON.stringify(json[key])?.slice(0, 80) ?? 'none');
  }
}

/** The whole number of 1 or more at a key. Throws UsageError, naming the key, for anything else. */
export function wholeAt(json: Json, key: string, source: string, otherwise?: number): number {
  const value = json[key] ?? otherwise;
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new UsageError(source, `${key} as a whole number of 1 or more`, JSON.stringify(value) ?? 'none');
}

/** The number above 0 at a key. Throws UsageError, naming the key, for anything else. */
export function positiveAt(json: Json, key: string, source: string, otherwise?: number): number {
  const value = json[key] ?? otherwise;
  if (typeof value === 'number' && value > 0) return value;
  throw new UsageError(source, `${key} as a number above 0`, JSON.stringify(value) ?? 'none');
}
