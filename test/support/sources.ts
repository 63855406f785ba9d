/** Sources for tests of the pure part. */

import { profileFor } from '../../lib/profile.js';
import { type Promotion, promote } from '../../lib/promote.js';
import { parseSource, type Source } from '../../lib/source.js';
import type { Problem } from '../../lib/types.js';
import { profiles } from '../../profiles/index.js';

/** The smallest source with a service. */
export const minimal = `
[ports]
tetra = 4444
[services.tetra]
command = "node server/server.js"
env_file = "env/local.env"
`;

export function source(text: string): Source {
  const result = parseSource(text, Object.keys(profiles));
  if (result.problems) throw new Error(result.problems.map(problem => problem.message).join('\n'));
  return result.source;
}

export function problemsOf(text: string, env?: string): readonly Problem[] {
  const result = parseSource(text, Object.keys(profiles));
  if (result.problems) return result.problems;
  if (env === undefined) return [];
  return promoteSource(result.source, env).problems ?? [];
}

/** The promotion of a source that has to be good. */
export function promotion(text: string, env = 'prod', org = 'acme'): Promotion {
  const result = promoteSource(source(text), env, org);
  if (result.problems) throw new Error(result.problems.map(problem => problem.message).join('\n'));
  return result;
}

function promoteSource(from: Source, env: string, org = 'acme') {
  const profile = profileFor(env, from.environments[env]?.extends, profiles);
  if (!profile) throw new Error(`no profile for ${env}`);
  return promote(from, org, env, profile);
}

export function fileOf(made: Promotion, path: string): string {
  const file = made.bundle.files.find(candidate => candidate.path === path);
  if (!file) throw new Error(`no ${path} in ${made.bundle.files.map(candidate => candidate.path).join(', ')}`);
  return file.content;
}

export function settingOf(made: Promotion, key: string) {
  return made.leaves.get(key)?.value;
}
