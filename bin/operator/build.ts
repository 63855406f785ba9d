/** local.toml, or a stored derivation, to a promotion. */

import { type Derivation, parseDerivation } from '../../lib/derivation.js';
import { InvalidInput, TetraError } from '../../lib/errors.js';
import type { LogRecord } from '../../lib/history.js';
import { profileFor } from '../../lib/profile.js';
import { type Promotion, promote } from '../../lib/promote.js';
import { parseSource, type Source } from '../../lib/source.js';
import { profiles } from '../../profiles/index.js';
import { readDerivation } from '../../store/bundles.js';
import type { Layout, OrgLayout } from '../../store/layout.js';
import { profileOf, readSource } from './source.js';

export interface Built {
  readonly promotion: Promotion;
  readonly source: Source;
}

/** What local.toml makes of the environment now. @throws InvalidInput with every problem. */
export function build(org: OrgLayout, env: string): Built & { readonly path: string } {
  const { source, path, text } = readSource(org);
  return { ...promoted(source, org.name, env, path, text), path };
}

/** What the source of an older generation, of this environment or another, makes of the environment. */
export function buildFrom(layout: Layout, org: OrgLayout, env: string, from: LogRecord): Built {
  const path = layout.object(from.deriver);
  const derivation = readStored(layout, from.deriver);
  if (!derivation)
    throw new TetraError(
      'bundle-missing',
      `the derivation of generation ${from.generation} is gone or damaged: ${path}`,
      {
        hint: 'tsm store verify',
        facts: { path },
      },
    );
  const parsed = parseSource(derivation.source, Object.keys(profiles));
  const name = `the source of generation ${from.generation} of ${derivation.env}`;
  if (parsed.problems) throw new InvalidInput(name, derivation.source, parsed.problems);
  return promoted(parsed.source, org.name, env, name, derivation.source);
}

function promoted(source: Source, org: string, env: string, path: string, text: string): Built {
  const promotion = promote(source, org, env, profileOf(env, source));
  if (promotion.problems) throw new InvalidInput(path, text, promotion.problems);
  return { promotion, source };
}

function readStored(layout: Layout, deriver: string): Derivation | null {
  const content = readDerivation(layout, deriver);
  return content === null ? null : parseDerivation(content);
}

/** What the tsm of today makes of a stored derivation; `null` where it makes nothing of it any more. */
export function rebuild(layout: Layout, deriver: string): Built | null {
  const derivation = readStored(layout, deriver);
  const parsed = derivation && parseSource(derivation.source, Object.keys(profiles));
  if (!derivation || !parsed || parsed.problems) return null;
  const { org, env } = derivation;
  const profile = profileFor(env, parsed.source.environments[env]?.extends, profiles);
  const promotion = profile && promote(parsed.source, org, env, profile);
  return !promotion || promotion.problems ? null : { promotion, source: parsed.source };
}
