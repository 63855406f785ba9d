/** `tsm org init NAME`: the folder of a new organization. */

import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { TetraError, usage } from '../../../lib/errors.js';
import { parseManifest } from '../../../lib/manifest.js';
import { orgNameProblem } from '../../../lib/names.js';
import { promote } from '../../../lib/promote.js';
import type { Source } from '../../../lib/source.js';
import { gitignoreText, manifestText, templateSettings, templateText } from '../../../lib/template.js';
import { profiles } from '../../../profiles/index.js';
import { OrgLayout } from '../../../store/layout.js';
import { createOrg, danglingLink, hasOrg, linkOrg } from '../../../store/orgs.js';
import type { Input, Outcome } from '../../cli/command.js';
import { operator } from '../../operator/provenance.js';
import { readText } from '../../operator/workspace.js';

export function run({ args, options, workspace }: Input): Outcome {
  const { layout } = workspace;
  const name = args[0] as string;
  const bad = orgNameProblem(name);
  if (bad) throw usage(`${JSON.stringify(name)} cannot be the name: ${bad}`, 'tsm org init my-company');
  const given = options.values.get('at');
  const at = given !== undefined && resolve(given) !== resolve(layout.org(name).root) ? given : undefined;
  const isFree = !hasOrg(layout, name) || (at !== undefined && danglingLink(layout, name) !== null);
  if (!isFree) throw exists(layout.org(name).root, `tsm org use ${name}`);
  const root = at === undefined ? layout.org(name).root : resolve(at);
  const created = createOrg(root, [
    { path: 'manifest.toml', content: manifestText(name) },
    { path: '.gitignore', content: gitignoreText() },
    { path: 'environments/local.toml', content: localToml(name) },
  ]);
  // A clone of the repository, or the rest of an init that was killed: only the link is missing.
  if (!created && !(at !== undefined && isOrg(root, name))) throw exists(root, 'choose another folder');
  if (at !== undefined && !linkOrg(layout, name, realpathSync(root)))
    throw exists(layout.org(name).root, `tsm org use ${name}`);
  const { source } = layout.org(name);
  return {
    schema: 'tsm/init/1',
    data: { org: name, path: root, source, created },
    text: style => {
      const title = created
        ? `${style.bold(name)} is in ${root}`
        : `${style.bold(name)} is linked to ${root}, which was not changed`;
      return [title, '', `  edit      ${source}`, '  generate  tsm org promote @dev', ''].join('\n');
    },
  };
}

function exists(path: string, hint: string): TetraError {
  return new TetraError('org-exists', `${path} is already there, and nothing in it was changed`, {
    hint,
    facts: { path },
  });
}

function isOrg(root: string, name: string): boolean {
  const manifest = readText(new OrgLayout(root, name).manifest);
  return manifest !== undefined && parseManifest(manifest, name).problems === undefined;
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
