/** `tsm org ship @ENV`, `activate @ENV` and `deploy @ENV`: the generation that is wanted, to its hosts. */

import { envName } from '../../../lib/names.js';
import type { Input, Outcome } from '../../cli/command.js';
import { build, rebuild } from '../../operator/build.js';
import { delivered } from '../../operator/delivered.js';
import { authorize, type Delivery } from '../../operator/delivery.js';
import { historyOf } from '../../operator/generations.js';
import { currentOrg } from '../../operator/workspace.js';

export const ship = (input: Input): Promise<Outcome> => deliver(input, 'ship');

export async function activate(input: Input): Promise<Outcome> {
  const { options, workspace } = input;
  const { org, env } = environmentOf(input);
  const { head } = await historyOf(org, env);
  const promotion = rebuild(workspace.layout, head.deriver)?.promotion ?? null;
  await authorize({ org, env, options, promotion, command: `tsm org activate @${env}` });
  return await deliver(input, 'activate');
}

export async function deploy(input: Input): Promise<Outcome> {
  const { run: promote } = await import('./promote.js');
  const { org, env } = environmentOf(input);
  const { flags, values } = input.options;
  // What is promoted, and whether that is only shown, are the words that promote has as well.
  const own = new Map([...values].filter(([name]) => name === 'message'));
  const isDry = flags.has('dry-run');
  const options = { flags: new Set(isDry ? ['dry-run'] : []), values: own };
  if (isDry) return await promote({ ...input, options });
  const { promotion } = build(org, env);
  await authorize({ org, env, options: input.options, promotion, command: `tsm org deploy @${env}` });
  const { warnings } = await promote({ ...input, options });
  return await deliver(input, 'deploy', warnings);
}

async function deliver(input: Input, verb: Delivery['verb'], warnings: readonly string[] = []): Promise<Outcome> {
  const { options, workspace, screen } = input;
  const { org, env } = environmentOf(input);
  const { log, head } = await historyOf(org, env);
  return await delivered({ layout: workspace.layout, org, env, log, record: head, options, screen, verb }, warnings);
}

function environmentOf({ args, workspace }: Input) {
  return { org: currentOrg(workspace), env: envName(args[0] as string) };
}
