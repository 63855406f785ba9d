/** `tsm org env list` */

import { profileFor } from '../../../lib/profile.js';
import { profiles } from '../../../profiles/index.js';
import { openLog } from '../../../store/log.js';
import type { Input, Outcome } from '../../cli/command.js';
import { table } from '../../cli/table.js';
import { currentOrg, readSource } from '../../workspace.js';

export async function run({ workspace }: Input): Promise<Outcome> {
  const org = currentOrg(workspace);
  const { source } = readSource(org);
  const names = [...new Set([...Object.keys(profiles), ...Object.keys(source.environments)])];
  const environments: {
    env: string;
    profile: string;
    generation?: number;
    bundle?: string;
    at?: string;
    path: string;
  }[] = [];
  for (const env of names) {
    const profile = profileFor(env, source.environments[env]?.extends, profiles)?.name as string;
    const record = (await openLog(org.layout.history(env))).head()?.record;
    environments.push({
      env,
      profile,
      generation: record?.generation,
      bundle: record?.bundle,
      at: record?.at,
      path: org.layout.pointer(env),
    });
  }
  return {
    schema: 'tsm/env-list/1',
    data: { org: org.name, source: org.layout.source, environments },
    text: style =>
      table([
        ['local', '', style.dim('the source'), style.dim(org.layout.source)],
        ...environments.map(({ env, profile, generation, path }) => [
          `@${env}`,
          profile === env ? '' : `extends ${profile}`,
          generation === undefined ? style.dim('not promoted') : `generation ${generation}`,
          style.dim(generation === undefined ? '' : path),
        ]),
      ]),
  };
}
