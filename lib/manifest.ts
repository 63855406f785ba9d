/** manifest.toml: what is said of the organization. Nothing of it reaches a bundle but the name. */

import { manifestProblems } from './schema/validate.js';
import { quoted } from './text.js';
import { parseToml } from './toml/parse.js';
import type { Problem, Table } from './types.js';

export type ManifestResult =
  | { readonly manifest: Table; readonly problems?: undefined }
  | { readonly problems: readonly Problem[] };

/** `org` is the name of the folder, which must be the one in the file. */
export function parseManifest(text: string, org: string): ManifestResult {
  const parsed = parseToml(text);
  if (parsed.problems) return parsed;
  const problems = manifestProblems(parsed.table);
  const organization = parsed.table.organization as Table | undefined;
  if (problems.length === 0 && organization?.name !== org)
    problems.push({
      message: `organization.name must be ${quoted(org)}, the name of the folder`,
      path: ['organization', 'name'],
    });
  return problems.length > 0 ? { problems } : { manifest: parsed.table };
}
