/** The patterns of dataset cards: `*` and `?` within one name, `**` across folders. One pass over the path, whatever the pattern, since it is anybody's. */

/** True when the pattern takes the whole path. */
export function matchesGlob(pattern: string, path: string): boolean {
  const parts = pattern.match(/\*\*\/|\*\*|./gsu) ?? [];
  let places = new Set<number>();
  const enter = (next: Set<number>, place: number): void => {
    for (let at = place; ; at++) {
      next.add(at);
      if (parts[at]?.startsWith('*') !== true) return; // a star may stand for nothing
    }
  };
  enter(places, 0);
  for (const char of path) {
    const next = new Set<number>();
    for (const place of places) {
      const part = parts[place];
      if (part === '**' || (part === '*' && char !== '/')) enter(next, place);
      else if (part === '**/') {
        next.add(place);
        if (char === '/') enter(next, place + 1);
      } else if (part === char || (part === '?' && char !== '/')) enter(next, place + 1);
    }
    places = next;
  }
  return places.has(parts.length);
}
