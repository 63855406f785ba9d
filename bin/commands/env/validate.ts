/** `tsm org env validate [ENV]`: what promote would say, for one environment or for all. */

import { InvalidInput } from '../../../lib/errors.js';
import { envName } from '../../../lib/names.js';
import { promote } from '../../../lib/promote.js';
import { dotted } from '../../../lib/text.js';
import type { Problem } from '../../../lib/types.js';
import type { OrgLayout } from '../../../store/layout.js';
import type { Input, Outcome } from '../../cli/command.js';
import { table } from '../../cli/table.js';
import { environmentNames, profileOf, readSource } from '../../operator/source.js';
import { currentOrg } from '../../operator/workspace.js';

export function run({ args, workspace }: Input): Outcome {
  const org = currentOrg(workspace);
  const { path, rows, warnings } = validated(org, args[0] === undefined ? undefined : envName(args[0]));
  return {
    schema: 'tsm/validate/1',
    data: { org: org.name, source: path, valid: true, environments: rows, warnings },
    text: style => {
      const lines = rows.map(({ env, unmet }) => [
        `@${env}`,
        style.green('ok'),
        unmet.length > 0 ? `not met yet: ${unmet.join(', ')}` : '',
      ]);
      return `${path} is valid\n${table(lines)}`;
    },
    warnings,
  };
}

export interface Validated {
  readonly path: string;
  readonly rows: { readonly env: string; readonly bundle: string; readonly unmet: string[] }[];
  readonly warnings: string[];
}

/** One environment, or all; `local` for the source alone. @throws InvalidInput with the problems of all. */
export function validated(org: OrgLayout, env?: string): Validated {
  const { source, path, text } = readSource(org);
  const names = env === undefined ? environmentNames(source) : env === 'local' ? [] : [env];
  const problems = new Map<string, Problem>();
  const warnings = new Set<string>();
  const rows: Validated['rows'] = [];
  for (const name of names) {
    const promotion = promote(source, org.name, name, profileOf(name, source));
    if (promotion.problems) {
      // One mistake in local.toml shows in every environment, and is told once.
      for (const problem of promotion.problems)
        problems.set(`${problem.message} ${dotted(problem.path ?? [])}`, problem);
      continue;
    }
    for (const warning of promotion.warnings) warnings.add(warning);
    rows.push({ env: name, bundle: promotion.bundle.name, unmet: promotion.unmet.map(unmet => unmet.rule) });
  }
  if (problems.size > 0) throw new InvalidInput(path, text, [...problems.values()]);
  return { path, rows, warnings: [...warnings] };
}
