/** `tsm org env validate [ENV]`: what promote would say, for one environment or for all. */

import { InvalidInput } from '../../../lib/errors.js';
import { envName } from '../../../lib/names.js';
import { promote } from '../../../lib/promote.js';
import { dotted } from '../../../lib/text.js';
import type { Problem } from '../../../lib/types.js';
import { profiles } from '../../../profiles/index.js';
import type { Input, Outcome } from '../../cli/command.js';
import { table } from '../../cli/table.js';
import { currentOrg, profileOf, readSource } from '../../workspace.js';

export function run({ args, workspace }: Input): Outcome {
  const org = currentOrg(workspace);
  const { source, path, text } = readSource(org);
  const word = args[0] === undefined ? undefined : envName(args[0]);
  const all = [...new Set([...Object.keys(profiles), ...Object.keys(source.environments)])];
  const names = word === undefined ? all : word === 'local' ? [] : [word];
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const rows = names.map(env => {
    const promotion = promote(source, org.name, env, profileOf(env, source));
    if (promotion.problems) {
      for (const problem of promotion.problems)
        if (!problems.some(other => isSame(other, problem))) problems.push(problem);
      return { env, bundle: undefined, unmet: [] };
    }
    warnings.push(...promotion.warnings);
    return { env, bundle: promotion.bundle.name, unmet: promotion.unmet.map(unmet => unmet.rule) };
  });
  if (problems.length > 0) throw new InvalidInput(path, text, problems);
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
    warnings: [...new Set(warnings)],
  };
}

/** One mistake in local.toml shows in every environment, and is told once. */
function isSame(a: Problem, b: Problem): boolean {
  return a.message === b.message && dotted(a.path ?? []) === dotted(b.path ?? []);
}
