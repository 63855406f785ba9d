/** `promote --check`: is the bundle really a function of what the source says, and nothing else? */

import { renderBundle } from '../../lib/bundle.js';
import { parseEnvironment } from '../../lib/environment.js';
import { TetraError } from '../../lib/errors.js';
import type { Profile } from '../../lib/profile.js';
import { type Promotion, promote } from '../../lib/promote.js';
import { parseSource, type Source } from '../../lib/source.js';
import { formatToml } from '../../lib/toml/format.js';
import { isList, isTable, newTable } from '../../lib/toml/values.js';
import type { Table, Value } from '../../lib/types.js';
import { profiles } from '../../profiles/index.js';
import { profileOf } from './source.js';

/**
 * Builds again from the same values in another order, and renders the files again from env.toml alone.
 *
 * @throws not-reproducible where a file differs.
 */
export function checkReproducible(source: Source, org: string, env: string, promotion: Promotion) {
  const again = promoteShuffled(source, org, env, profileOf(env, source));
  expectSame(promotion, again?.bundle.name, 'from the same settings in another order');
  const text = promotion.bundle.files.find(file => file.path === 'env.toml')?.content ?? '';
  const read = parseEnvironment(text);
  expectSame(promotion, read.problems ? undefined : renderBundle(read.document).name, 'from env.toml alone');
}

function promoteShuffled(source: Source, org: string, env: string, profile: Profile): Promotion | null {
  const shuffled = shuffle(source.document) as Table;
  // Through text as well: the order that a file has is the order in which it is parsed.
  const parsed = parseSource(
    formatToml(shuffled, path => Object.keys(tableAt(shuffled, path))),
    Object.keys(profiles),
  );
  const promotion = parsed.problems ? undefined : promote(parsed.source, org, env, profile);
  return promotion && !promotion.problems ? promotion : null;
}

function expectSame(promotion: Promotion, name: string | undefined, how: string) {
  if (name === promotion.bundle.name) return;
  throw new TetraError('not-reproducible', `built a second time, ${how}, ${promotion.bundle.env} is another bundle`, {
    hint: 'this is a fault of tsm: please report it with your local.toml',
    facts: { first: promotion.bundle.name, second: name },
  });
}

function shuffle(value: Value): Value {
  if (isList(value)) return value.map(shuffle);
  if (!isTable(value)) return value;
  const keys = Object.keys(value)
    .map(key => ({ key, at: Math.random() }))
    .sort((a, b) => a.at - b.at);
  const table = newTable();
  for (const { key } of keys) table[key] = shuffle(value[key] as Value);
  return table;
}

function tableAt(table: Table, path: readonly string[]): Table {
  let at: Value = table;
  for (const part of path) at = isTable(at) ? (at[part] as Value) : newTable();
  return isTable(at) ? at : newTable();
}
