/** `tsm org status` on a server. */

import { printable } from '../../lib/text.js';
import type { HostLayout } from '../../scripts/host/layout.js';
import { type EnvironmentStatus, statusOf } from '../../scripts/host/status.js';
import type { Input, Outcome } from '../cli/command.js';
import type { Style } from '../cli/style.js';
import { environmentOf, expectRoot } from './environment.js';

export async function run({ args, workspace: layout }: Input<HostLayout>): Promise<Outcome> {
  expectRoot('tsm org status');
  const wanted = args[0] === undefined ? null : environmentOf(layout, args[0]);
  const statuses = await statusOf(layout, wanted ? [wanted.org, wanted.env] : []);
  return {
    schema: 'tsm/host-status/1',
    data: {
      environments: statuses.map(status => ({ ...status, recorded: status.recorded && { ...status.recorded } })),
    },
    text: style =>
      statuses.length === 0
        ? 'nothing was ever shipped to this host\n'
        : statuses.map(one => text(one, style)).join('\n'),
    exit: statuses.every(isWell) ? 0 : 4,
  };
}

function isWell({ sick, underWay, recorded, actual }: EnvironmentStatus): boolean {
  return sick.length === 0 && underWay === null && recorded?.bundle === actual;
}

function text(status: EnvironmentStatus, style: Style): string {
  const { org, env, recorded, actual, since, by, outcome, reason, chain, underWay, running, sick } = status;
  const name = style.bold(`${org} ${env}`);
  const lines = [recorded ? `${name} is at generation ${recorded.generation}` : `${name}: nothing is active`];
  if (recorded) lines.push(`  bundle   ${style.dim(recorded.bundle)}`);
  if (recorded && actual !== recorded.bundle) lines.push(style.red(`  pointer  leads to ${actual ?? 'nothing'}`));
  lines.push(`  units    ${running} running${sick.length > 0 ? style.red(`, sick: ${sick.join(', ')}`) : ''}`);
  if (since) lines.push(`  since    ${since} by ${printable(by ?? '')}`);
  if (outcome === 'reverted' || outcome === 'revert-failed')
    lines.push(style.red(`  last     ${outcome}: ${printable(reason ?? '')}`));
  if (chain && chain.generation !== recorded?.generation)
    lines.push(
      style.yellow(`  shipped  generation ${chain.generation} by ${printable(chain.by)}: tsm org apply @${env}`),
    );
  if (underWay)
    lines.push(
      style.yellow(
        `  waiting  generation ${underWay.generation} by ${printable(underWay.by)}: tsm org confirm @${env}`,
      ),
    );
  return `${lines.join('\n')}\n`;
}
