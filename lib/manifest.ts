/** manifest.toml: what is said of the organization. Nothing of it reaches a bundle but the name. */

import { hostProblems } from './hosts.js';
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
  const { table } = parsed;
  const misfits = manifestProblems(table);
  if (misfits.length > 0) return { problems: misfits };
  const problems = [...nameProblems(table.organization as Table, org), ...hostProblems((table.hosts ?? {}) as Table)];
  return problems.length > 0 ? { problems } : { manifest: table };
}

function nameProblems(organization: Table, org: string): Problem[] {
  if (organization.name === org) return [];
  const message = `organization.name must be ${quoted(org)}, the name of the folder`;
  return [{ message, path: ['organization', 'name'] }];
}
