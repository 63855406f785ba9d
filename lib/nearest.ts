/** "Did you mean". */

import { distance } from 'fastest-levenshtein';

/** The candidate that is a slip of the pen away from the word: a letter or a swap, or two letters in a longer word. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const allowed = word.length > 5 ? 2 : 1;
  let best: string | undefined;
  let least = allowed + 1;
  for (const candidate of candidates) {
    const far = isSwapped(word, candidate) ? 1 : distance(word, candidate);
    if (far > 0 && far < least) {
      best = candidate;
      least = far;
    }
  }
  return best;
}

/** True where two neighbouring letters changed places. */
function isSwapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = [...a].findIndex((char, i) => char !== b[i]);
  return at >= 0 && a.slice(0, at) + a[at + 1] + a[at] + a.slice(at + 2) === b;
}
