/** `tsm org rollback` and `tsm org apply` on a server: the same activation, asked for on the spot. */

import { randomBytes } from 'node:crypto';
import { exitCodes, TetraError, usage } from '../../lib/errors.js';
import type { ActivationRequest } from '../../lib/host/activation.js';
import type { Active } from '../../lib/host/record.js';
import { readChain } from '../../scripts/host/chain.js';
import { activeOf, recordsOf } from '../../scripts/host/history.js';
import { follow, launch } from '../../scripts/host/launch.js';
import type { EnvironmentLayout, HostLayout } from '../../scripts/host/layout.js';
import { hasObject } from '../../store/bundles.js';
import { activationWords } from '../cli/activation-options.js';
import type { Input, Outcome, Screen } from '../cli/command.js';
import { expectConsent } from '../cli/consent.js';
import { styleFor } from '../cli/style.js';
import { isTerminal, write } from '../cli/write.js';
import { openPlain } from '../ui/plain.js';
import { caller, connectionOf, environmentOf, expectRoot } from './environment.js';

type Wanted = Pick<Active, 'generation' | 'bundle'>;

export async function rollback(input: Input<HostLayout>): Promise<Outcome> {
  expectRoot('tsm org rollback');
  // With one environment here, the number may stand alone.
  const [first, second] = input.args;
  const alone = second === undefined && first !== undefined && /^\d+$/.test(first);
  const environment = environmentOf(input.workspace, alone ? undefined : first);
  const number = alone ? first : second;
  return await activate(input, environment, 'rollback', rollbackTarget(input.workspace, environment, number));
}

export async function apply(input: Input<HostLayout>): Promise<Outcome> {
  expectRoot('tsm org apply');
  const environment = environmentOf(input.workspace, input.args[0]);
  const head = (await readChain(environment.chain)).head?.record;
  if (!head)
    throw new TetraError('no-history', `no generation of ${environment.name} was shipped here`, {
      hint: `tsm org ship @${environment.env}, from your laptop`,
    });
  return await activate(input, environment, 'apply', head);
}

/** What stood here once: by its number, or the newest that is not what is active. */
function rollbackTarget(layout: HostLayout, environment: EnvironmentLayout, word: string | undefined): Wanted {
  const hint = `tsm org history @${environment.env}`;
  if (word !== undefined && !/^[1-9]\d{0,8}$/.test(word))
    throw usage(`a generation is a number, not ${JSON.stringify(word)}`, hint);
  const active = activeOf(environment);
  for (const { outcome, active: stood } of recordsOf(environment)) {
    if (outcome !== 'confirmed' || !stood) continue;
    const fits = word === undefined ? isEarlier(stood, active) : stood.generation === Number(word);
    if (!fits) continue;
    if (hasObject(layout.store, stood.bundle)) return stood;
    throw new TetraError('bundle-missing', `the bundle of generation ${stood.generation} is gone from this host`, {
      hint,
    });
  }
  const what = word === undefined ? 'nothing else stood here before' : `generation ${word} never stood on this host`;
  throw new TetraError('unknown-generation', what, { hint });
}

function isEarlier(stood: Active, active: Active | null): boolean {
  return active === null || (stood.generation < active.generation && stood.bundle !== active.bundle);
}

async function activate(
  { options, screen, workspace: layout }: Input<HostLayout>,
  environment: EnvironmentLayout,
  verb: 'rollback' | 'apply',
  { generation, bundle }: Wanted,
): Promise<Outcome> {
  const { org, env } = environment;
  const words = activationWords(options, `tsm org ${verb} --help`);
  if (!words.dryRun)
    await expectConsent({
      env,
      says: `Generation ${generation} of prod becomes active on this host.`,
      command: `tsm org ${verb} @${env}`,
      yes: options.flags.has('yes'),
    });
  const connection = connectionOf();
  const request: ActivationRequest = {
    ...words,
    id: randomBytes(8).toString('hex'),
    org,
    env,
    bundle,
    generation,
    by: caller(),
    roles: activeOf(environment)?.roles ?? [],
    connection,
    // From here nobody can open a new connection by himself.
    confirm: words.confirm === 'auto' && connection !== null ? 'manual' : words.confirm,
  };
  const progress = progressOn(screen, environment, generation, request.soak);
  launch(layout, request);
  const verdict = await follow(layout, environment, request.id, event => progress.event({ ...event, host: 'here' }));
  await progress.close();
  const { outcome, reason, hint, held, code } = verdict;
  const done = ['confirmed', 'unchanged', 'planned'].includes(outcome);
  const failed = outcome === 'reverted' ? exitCodes.reverted : outcome === 'refused' ? exitCodes[code ?? 'refused'] : 1;
  return {
    schema: `tsm/host-${verb}/1`,
    data: { org, env, generation, bundle, outcome, active: verdict.generation, reason, hint, held },
    text: () => '',
    exit: done ? 0 : failed,
  };
}

function progressOn(screen: Screen, { name, env }: EnvironmentLayout, generation: number, soak: number) {
  const title = `${name}, generation ${generation}`;
  const confirmCommand = `tsm org confirm @${env} (on a new login)`;
  const style = styleFor(screen.color, isTerminal(2));
  const settings = { title, hosts: ['here'], soak, confirmCommand, screen };
  return openPlain(settings, style, screen.json ? () => {} : text => write(2, text));
}
