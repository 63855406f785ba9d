/**
 * local.toml and the manifest beside it, read and valid. Apart from the workspace, since a rollback or a history needs
 * neither parser nor profiles, and loading them takes time.
 */

import { InvalidInput, TetraError } from '../../lib/errors.js';
import { parseManifest } from '../../lib/manifest.js';
import { envNameProblem } from '../../lib/names.js';
import { type Profile, profileFor } from '../../lib/profile.js';
import { parseSource, type Source } from '../../lib/source.js';
import type { Table } from '../../lib/types.js';
import { profiles } from '../../profiles/index.js';
import type { OrgLayout } from '../../store/layout.js';
import { readText, unknownEnvironment } from './workspace.js';

export const profileNames: readonly string[] = Object.keys(profiles);

export interface SourceFile {
  readonly source: Source;
  readonly path: string;
  readonly text: string;
}

/** local.toml and the manifest beside it. @throws InvalidInput with every problem. */
export function readSource(org: OrgLayout): SourceFile {
  readManifest(org);
  const path = org.source;
  const text = readText(path);
  if (text === undefined) {
    const problem = { message: 'there is no such file', hint: `tsm org init NAME writes one; it goes to ${path}` };
    throw new InvalidInput(path, '', [problem]);
  }
  const result = parseSource(text, profileNames);
  if (result.problems) throw new InvalidInput(path, text, result.problems);
  return { source: result.source, path, text };
}

/** @throws InvalidInput with every problem. */
export function readManifest(org: OrgLayout): Table {
  const path = org.manifest;
  const text = readText(path);
  if (text === undefined)
    throw new TetraError('unknown-org', `${org.root} is no organization: manifest.toml is missing`, {
      hint: 'bring it back from version control, or see: tsm org list',
    });
  const result = parseManifest(text, org.name);
  if (result.problems) throw new InvalidInput(path, text, result.problems);
  return result.manifest;
}

/** An environment's profile: its own module, or the one it extends. */
export function profileOf(env: string, source: Source): Profile {
  const names = environmentNames(source);
  checkEnvName(env, names);
  const profile = profileFor(env, source.environments[env]?.extends, profiles);
  if (profile) return profile;
  throw unknownEnvironment(env, names);
}

/** Everything that can be promoted: the profiles, then the environments that extend one. */
export function environmentNames(source: Source): string[] {
  return [...new Set([...profileNames, ...Object.keys(source.environments)])];
}

/** @throws where it is no environment that could have been promoted. */
function checkEnvName(env: string, known: readonly string[]) {
  if (env === 'local')
    throw new TetraError('unknown-environment', 'Cannot promote to local: local.toml is the source itself', {
      hint: 'tsm org promote @dev',
      facts: { env },
    });
  if (envNameProblem(env)) throw unknownEnvironment(env, known);
}
