/** `tsm org history` on a server: the host's own log. */

import { usage } from '../../lib/errors.js';
import type { HostRecord } from '../../lib/host/record.js';
import { printable } from '../../lib/text.js';
import { recordsOf } from '../../scripts/host/history.js';
import type { HostLayout } from '../../scripts/host/layout.js';
import type { Input, Outcome } from '../cli/command.js';
import type { Style } from '../cli/style.js';
import { table } from '../cli/table.js';
import { environmentOf, expectRoot } from './environment.js';

export function run({ args, options, workspace: layout }: Input<HostLayout>): Outcome {
  expectRoot('tsm org history');
  const environment = environmentOf(layout, args[0]);
  const limit = limitOf(options.values.get('limit'));
  const records: HostRecord[] = [];
  for (const record of recordsOf(environment)) {
    if (records.length >= limit) break;
    records.push(record);
  }
  return {
    schema: 'tsm/host-history/1',
    data: {
      org: environment.org,
      env: environment.env,
      records: records.map(({ active, before, ...record }) => ({
        ...record,
        active: active && { ...active },
        before: before && { ...before },
      })),
    },
    text: style =>
      records.length === 0
        ? `nothing of ${environment.name} was ever activated here\n`
        : table(records.map((record, i) => row(record, i === 0, style))),
  };
}

function row(record: HostRecord, isNewest: boolean, style: Style): string[] {
  const { generation, outcome, active, at, by, reason } = record;
  const good = outcome === 'confirmed' || outcome === 'unchanged';
  return [
    isNewest ? style.green('*') : ' ',
    `generation ${generation}`,
    good ? style.green(outcome) : style.red(outcome),
    active === null ? 'nothing active' : active.generation === generation ? '' : `${active.generation} active`,
    at.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
    printable(by),
    style.dim(printable(reason ?? '')),
  ];
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return 20;
  if (!/^\d{1,9}$/.test(text))
    throw usage(`--limit takes a number, not ${JSON.stringify(text)}`, 'tsm org history --help');
  return text === '0' ? Number.POSITIVE_INFINITY : Number(text);
}
