/** The environments of a host. */

import { existsSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { envNameProblem, orgNameProblem } from '../../lib/names.js';
import { namesIn } from '../../store/durable.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';

/** Every environment that was ever shipped here, by name. The name of one has no hyphen, so the last one splits it. */
export function listEnvironments(layout: HostLayout): EnvironmentLayout[] {
  return namesIn(layout.state).flatMap(name => {
    const at = name.lastIndexOf('-');
    const [org, env] = [name.slice(0, at), name.slice(at + 1)];
    if (at < 0 || orgNameProblem(org) || envNameProblem(env)) return [];
    const environment = layout.environment(org, env);
    return existsSync(environment.root) ? [environment] : [];
  });
}

/** The bundle that `current` leads to; `null` where nothing is active. */
export function currentBundle(environment: EnvironmentLayout): string | null {
  try {
    return basename(readlinkSync(environment.current));
  } catch {
    return null;
  }
}
