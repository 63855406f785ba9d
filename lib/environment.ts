/** env.toml, read back: what a bundle's settings are, and what a server renders a bundle from. */

import { sectionProblems } from './schema/validate.js';
import { parseToml } from './toml/parse.js';
import { isTable } from './toml/values.js';
import type { Problem, Table } from './types.js';

export type EnvironmentResult =
  | { readonly document: Table; readonly problems?: undefined }
  | { readonly problems: readonly Problem[] };

/** The document of an env.toml: every setting, and `[bundle]`. */
export function parseEnvironment(text: string): EnvironmentResult {
  const parsed = parseToml(text);
  if (parsed.problems) return parsed;
  const problems = sectionProblems(parsed.table);
  const bundle = parsed.table.bundle;
  if (!isTable(bundle) || typeof bundle.org !== 'string')
    problems.push({ message: 'not an environment made by tsm: [bundle] is missing', path: [] });
  return problems.length > 0 ? { problems } : { document: parsed.table };
}
