/** `tsm org env show ENV`: the file itself, so that it can be piped on. */

import { TetraError } from '../../../lib/errors.js';
import { envName } from '../../../lib/names.js';
import { profiles } from '../../../profiles/index.js';
import { openLog } from '../../../store/log.js';
import { listHistories } from '../../../store/verify.js';
import type { Input, Outcome } from '../../cli/command.js';
import { currentOrg, readText, unknownEnvironment } from '../../workspace.js';

export async function run({ args, workspace }: Input): Promise<Outcome> {
  const env = envName(args[0] as string);
  const org = currentOrg(workspace);
  const histories = listHistories(org.layout);
  const record = histories.includes(env) ? (await openLog(org.layout.history(env))).head()?.record : undefined;
  if (env !== 'local' && !record) {
    if (!Object.hasOwn(profiles, env)) throw unknownEnvironment(env, ['local', ...Object.keys(profiles), ...histories]);
    throw new TetraError('no-history', `${org.name} ${env} was never promoted`, {
      hint: `tsm org promote @${env}`,
      facts: { env },
    });
  }
  const path = org.layout.pointer(env);
  const text = readText(path);
  if (text === undefined)
    throw new TetraError('bundle-missing', `${path} is missing, or points to a bundle that is gone`, {
      hint: env === 'local' ? 'tsm org init NAME writes one' : `tsm org promote @${env} makes it again`,
      facts: { env, path },
    });
  return {
    schema: 'tsm/env-show/1',
    data: { org: org.name, env, path, generation: record?.generation, bundle: record?.bundle, text },
    text: () => text,
  };
}
