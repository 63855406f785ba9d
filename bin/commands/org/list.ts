/** `tsm org list` */

import { listOrgs } from '../../../store/orgs.js';
import { listHistories } from '../../../store/verify.js';
import type { Input, Outcome } from '../../cli/command.js';
import { table } from '../../cli/table.js';
import { currentOrg, type Workspace } from '../../operator/workspace.js';

export function run({ workspace }: Input): Outcome {
  const current = currentName(workspace);
  const orgs = listOrgs(workspace.layout).map(name => ({
    org: name,
    path: workspace.layout.org(name).root,
    current: name === current,
    environments: listHistories(workspace.layout.org(name)),
  }));
  return {
    schema: 'tsm/list/1',
    data: { orgs },
    text: style => {
      if (orgs.length === 0) return 'no organizations yet: tsm org init NAME\n';
      return table(
        orgs.map(({ org, path, current, environments }) => [
          current ? style.green('*') : ' ',
          current ? style.green(org) : org,
          environments.join(' ') || style.dim('nothing promoted yet'),
          style.dim(path),
        ]),
      );
    },
  };
}

function currentName(workspace: Workspace): string | null {
  try {
    return currentOrg(workspace).name;
  } catch {
    return null;
  }
}
