/** `tsm org env list`: the environments, the generation each is at, and whether local.toml has moved on since. */

import { promote } from '../../../lib/promote.js';
import type { OrgLayout } from '../../../store/layout.js';
import { openLog } from '../../../store/log.js';
import type { Input, Outcome } from '../../cli/command.js';
import type { Style } from '../../cli/style.js';
import { table } from '../../cli/table.js';
import { environmentNames, profileOf, readSource } from '../../operator/source.js';
import { currentOrg } from '../../operator/workspace.js';

/** `dirty`: a promote would make another bundle. `invalid`: a promote would be refused. */
type State = 'clean' | 'dirty' | 'invalid' | 'not promoted';

interface Row {
  readonly env: string;
  readonly profile: string;
  readonly state: State;
  readonly generation?: number;
  readonly bundle?: string;
  readonly at?: string;
  readonly path: string;
}

export async function run({ workspace }: Input): Promise<Outcome> {
  const org = currentOrg(workspace);
  const { source } = readSource(org);
  const environments: Row[] = [];
  for (const env of environmentNames(source)) {
    const profile = profileOf(env, source);
    const promotion = promote(source, org.name, env, profile);
    const record = (await openLog(org, env)).head()?.record;
    const { generation, bundle, at } = record ?? {};
    const fresh = promotion.problems ? 'invalid' : promotion.bundle.name === bundle ? 'clean' : 'dirty';
    const state = record || fresh === 'invalid' ? fresh : 'not promoted';
    environments.push({ env, profile: profile.name, state, generation, bundle, at, path: org.pointer(env) });
  }
  return {
    schema: 'tsm/env-list/1',
    data: { org: org.name, source: org.source, environments: environments.map(row => ({ ...row })) },
    text: style => table([sourceRow(org, style), ...environments.map(row => cells(row, style))]),
  };
}

const sourceRow = (org: OrgLayout, style: Style): string[] => ['local', '', 'the source', '', style.dim(org.source)];

function cells({ env, profile, state, generation, path }: Row, style: Style): string[] {
  const words: Record<State, string> = {
    clean: '',
    dirty: style.yellow('local.toml has moved on'),
    invalid: style.red('local.toml is refused'),
    'not promoted': '',
  };
  return [
    `@${env}`,
    profile === env ? '' : `extends ${profile}`,
    generation === undefined ? style.dim('not promoted') : `generation ${generation}`,
    words[state],
    style.dim(generation === undefined ? '' : path),
  ];
}
