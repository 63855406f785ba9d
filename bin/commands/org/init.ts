/** `tsm org init NAME`: the folder of a new organization. */

import { TetraError } from '../../../lib/errors.js';
import { orgNameProblem } from '../../../lib/names.js';
import { promote } from '../../../lib/promote.js';
import type { Source } from '../../../lib/source.js';
import { gitignoreText, manifestText, templateSettings, templateText } from '../../../lib/template.js';
import { profiles } from '../../../profiles/index.js';
import { createOrg } from '../../../store/orgs.js';
import type { Input, Outcome } from '../../cli/command.js';
import { usage } from '../../cli/find.js';
import { operator } from '../../provenance.js';

export function run({ args, workspace }: Input): Outcome {
  const name = args[0] as string;
  const bad = orgNameProblem(name);
  if (bad) throw usage(`${JSON.stringify(name)} cannot be the name: ${bad}`, 'tsm org init my-company');
  const org = workspace.layout.org(name);
  const created = createOrg(workspace.layout, name, [
    { path: 'manifest.toml', content: manifestText(name) },
    { path: '.gitignore', content: gitignoreText() },
    { path: 'environments/local.toml', content: localToml(name) },
  ]);
  if (!created)
    throw new TetraError('org-exists', `${org.root} is already there, and nothing in it was changed`, {
      hint: `tsm org use ${name}`,
      facts: { org: name, path: org.root },
    });
  return {
    schema: 'tsm/init/1',
    data: { org: name, path: org.root, source: org.source },
    text: style =>
      [
        `${style.bold(name)} is in ${org.root}`,
        '',
        `  edit      ${org.source}`,
        '  generate  tsm org promote @dev',
        '',
      ].join('\n'),
  };
}

/** The template, with what each environment makes of it in the comments. */
function localToml(org: string): string {
  const os = process.platform === 'darwin' ? 'darwin' : 'linux';
  const settings = templateSettings({ user: accountOf(operator()), os });
  const source: Source = { document: settings, local: settings, environments: {} };
  const examples = Object.entries(profiles).map(([env, profile]) => {
    const promotion = promote(source, org, env, profile);
    if (promotion.problems)
      throw new TypeError(`the template does not promote to ${env}: ${promotion.problems[0]?.message}`);
    return { env, leaves: promotion.leaves };
  });
  return templateText(settings, org, examples);
}

/** The user's name, where it is one that an account on a server can have. */
function accountOf(by: string): string {
  const user = by.split('@', 1)[0] as string;
  return /^[a-z_][a-z0-9_-]{0,30}$/.test(user) ? user : 'me';
}
