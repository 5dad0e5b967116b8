/** Literals of special tokens in a text. */

/** Finds any of the literals, the longest first; the group makes `split` keep them. Without literals it finds nothing. */
export function splitter(literals: readonly string[]): RegExp {
  const longestFirst = literals.toSorted((a, b) => b.length - a.length);
  return new RegExp(`(${longestFirst.map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|') || '(?!)'})`);
}
