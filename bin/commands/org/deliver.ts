/** `tsm org ship @ENV`, `activate @ENV` and `deploy @ENV`: the generation that is wanted, to its hosts. */

import { envName } from '../../../lib/names.js';
import type { Input, Outcome } from '../../cli/command.js';
import { delivered } from '../../operator/delivered.js';
import { type Delivery, expectDeliverable } from '../../operator/delivery.js';
import { expectEnvironment, historyOf } from '../../operator/generations.js';
import { currentOrg } from '../../operator/workspace.js';

export const ship = (input: Input): Promise<Outcome> => run(input, 'ship');

export async function activate(input: Input): Promise<Outcome> {
  await prepare(input, 'activate');
  return await run(input, 'activate');
}

export async function deploy(input: Input): Promise<Outcome> {
  await prepare(input, 'deploy');
  const { run: promote } = await import('./promote.js');
  const { flags, values } = input.options;
  const options = { flags: new Set<string>(), values: new Map([...values].filter(([name]) => name === 'message')) };
  const promoted = flags.has('dry-run') ? null : await promote({ ...input, options });
  return await run(input, 'deploy', promoted?.warnings);
}

async function prepare({ args, options, workspace }: Input, verb: Delivery['verb']) {
  if (options.flags.has('dry-run')) return;
  const env = envName(args[0] as string);
  const org = currentOrg(workspace);
  await expectEnvironment(org, env);
  expectDeliverable(org, env, options, `${verb} @${env}`);
}

async function run(input: Input, verb: Delivery['verb'], warnings: readonly string[] = []): Promise<Outcome> {
  const { args, options, workspace, screen } = input;
  const env = envName(args[0] as string);
  const org = currentOrg(workspace);
  const { log, head } = await historyOf(org, env);
  const record = log.generation(head.generation) ?? head;
  return await delivered({ layout: workspace.layout, org, env, log, record, options, screen, verb }, warnings);
}
