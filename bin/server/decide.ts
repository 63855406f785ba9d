/** `tsm org confirm` and `tsm org revert` on a server. */

import { TetraError } from '../../lib/errors.js';
import type { Verdict } from '../../lib/host/activation.js';
import { confirm as show } from '../../scripts/host/confirm.js';
import type { EnvironmentLayout, HostLayout } from '../../scripts/host/layout.js';
import { Refusal } from '../../scripts/host/refusal.js';
import { revert as takeBack } from '../../scripts/host/revert.js';
import type { Input, Outcome } from '../cli/command.js';
import { caller, connectionOf, environmentOf, expectRoot } from './environment.js';

export const confirm = (input: Input<HostLayout>): Promise<Outcome> =>
  decide(input, 'confirm', 'confirmed', (layout, environment) => show(layout, environment, undefined, connectionOf()));

export const revert = (input: Input<HostLayout>): Promise<Outcome> =>
  decide(input, 'revert', 'reverted', (layout, environment) => takeBack(layout, environment, undefined, caller()));

async function decide(
  { args, workspace: layout }: Input<HostLayout>,
  verb: string,
  wanted: Verdict['outcome'],
  word: (layout: HostLayout, environment: EnvironmentLayout) => Promise<Verdict>,
): Promise<Outcome> {
  expectRoot(`tsm org ${verb}`);
  const environment = environmentOf(layout, args[0]);
  const { outcome, generation, reason } = await word(layout, environment).catch(asTetraError);
  const at = generation === null ? 'nothing is active' : `generation ${generation} is active`;
  return {
    schema: `tsm/host-${verb}/1`,
    data: { org: environment.org, env: environment.env, outcome, active: generation, reason },
    text: style =>
      `${outcome === wanted ? style.green(outcome) : style.red(outcome)}: ${at}${reason ? ` (${reason})` : ''}\n`,
    exit: outcome === wanted ? 0 : outcome === 'reverted' ? 3 : 1,
  };
}

function asTetraError(error: unknown): never {
  if (!(error instanceof Refusal)) throw error;
  const { reason = '', hint } = error.verdict;
  throw new TetraError('refused', reason, { hint });
}
