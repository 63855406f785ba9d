/** "Did you mean". */

import { distance } from 'fastest-levenshtein';

/** The candidate that a typo away from the word, if one is: a letter, or two in a longer word. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const allowed = word.length > 5 ? 2 : 1;
  let best: string | undefined;
  let least = allowed + 1;
  for (const candidate of candidates) {
    const far = distance(word, candidate);
    if (far > 0 && far < least) {
      best = candidate;
      least = far;
    }
  }
  return best;
}
