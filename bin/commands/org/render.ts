/** `tsm org render @ENV --out DIR`: the files of the bundle, outside of the store. */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { usage } from '../../../lib/errors.js';
import { envName } from '../../../lib/names.js';
import { isErrno } from '../../../store/durable.js';
import type { Input, Outcome } from '../../cli/command.js';
import { build } from '../../operator/build.js';
import { currentOrg } from '../../operator/workspace.js';

export function run({ args, options, workspace }: Input): Outcome {
  const env = envName(args[0] as string);
  const out = options.values.get('out');
  if (!out) throw usage('tsm org render needs --out DIR', `tsm org render @${env} --out ./${env}`);
  const org = currentOrg(workspace);
  const { promotion } = build(org, env);
  const folder = resolve(out);
  if (!isFree(folder)) throw usage(`${folder} is not an empty folder`, 'choose a new one');
  const { bundle } = promotion;
  for (const file of bundle.files) {
    mkdirSync(dirname(join(folder, file.path)), { recursive: true });
    writeFileSync(join(folder, file.path), file.content);
  }
  const files = bundle.files.map(file => file.path);
  return {
    schema: 'tsm/render/1',
    data: { org: org.name, env, bundle: bundle.name, path: folder, files, unmet: promotion.unmet.map(u => ({ ...u })) },
    text: style => `${style.dim(bundle.name)}\n${files.map(file => `${join(out, file)}\n`).join('')}`,
    warnings: promotion.warnings,
  };
}

function isFree(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return true;
    if (isErrno(error, 'ENOTDIR')) return false;
    throw error;
  }
}
