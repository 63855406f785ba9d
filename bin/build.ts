/** local.toml, or a stored derivation, to a promotion. */

import { type Derivation, parseDerivation } from '../lib/derivation.js';
import { InvalidInput } from '../lib/errors.js';
import { type Promotion, promote } from '../lib/promote.js';
import { parseSource, type Source } from '../lib/source.js';
import { profiles } from '../profiles/index.js';
import { readDerivation } from '../store/bundles.js';
import type { Layout } from '../store/layout.js';
import { type Org, profileOf, readSource } from './workspace.js';

export interface Built {
  readonly promotion: Promotion;
  readonly source: Source;
  /** Of local.toml. */
  readonly path: string;
  readonly text: string;
}

/** What local.toml makes of the environment now. @throws InvalidInput with every problem. */
export function build(org: Org, env: string): Built {
  const { source, path, text } = readSource(org);
  const promotion = promote(source, org.name, env, profileOf(env, source));
  if (promotion.problems) throw new InvalidInput(path, text, promotion.problems);
  return { promotion, source, path, text };
}

/** What the tsm of today makes of a stored derivation; `null` where it makes nothing of it any more. */
export function rebuild(layout: Layout, deriver: string): (Omit<Built, 'path'> & { derivation: Derivation }) | null {
  const content = readDerivation(layout, deriver);
  const derivation = content === null ? null : parseDerivation(content);
  if (!derivation) return null;
  const parsed = parseSource(derivation.source, Object.keys(profiles));
  if (parsed.problems) return null;
  const { org, env, source: text } = derivation;
  const promotion = promote(parsed.source, org, env, profileOf(env, parsed.source));
  return promotion.problems ? null : { promotion, source: parsed.source, text, derivation };
}
