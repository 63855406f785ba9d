/** `tsm org status [@ENV]`: what is wanted, what each host says of itself, and what is under way. */

import { hostsOf } from '../../../lib/hosts.js';
import { envName } from '../../../lib/names.js';
import { printable } from '../../../lib/text.js';
import { askAll } from '../../../scripts/fleet.js';
import type { EnvironmentStatus } from '../../../scripts/host/status.js';
import type { OrgLayout } from '../../../store/layout.js';
import { listHistories } from '../../../store/verify.js';
import type { Input, Options, Outcome } from '../../cli/command.js';
import type { Style } from '../../cli/style.js';
import { table } from '../../cli/table.js';
import { hostProgram, targets } from '../../operator/delivery.js';
import { historyOf } from '../../operator/generations.js';
import { readManifest } from '../../operator/source.js';
import { currentOrg } from '../../operator/workspace.js';

interface Row {
  readonly env: string;
  readonly host: string;
  /** A folder that stands for a host: nothing runs there. */
  readonly isFolder: boolean;
  /** The generation that the operator wants. */
  readonly wanted: number;
  readonly recorded: number | null;
  /** Store name that the host's pointer leads to. */
  readonly actual: string | null;
  readonly health: 'well' | 'sick' | 'unknown';
  readonly status: EnvironmentStatus | null;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
  /** Whether the host is at the wanted generation, with the wanted bundle, and well. */
  readonly isThere: boolean;
}

export async function run({ args, options, workspace }: Input): Promise<Outcome> {
  const org = currentOrg(workspace);
  const env = args[0] === undefined ? undefined : envName(args[0]);
  const environments = env === undefined ? withHosts(org) : [env];
  const rows = (await Promise.all(environments.map(one => rowsOf(org, one, options)))).flat();
  return {
    schema: 'tsm/status/1',
    data: { org: org.name, env: env ?? null, hosts: rows.map(rowJson) },
    text: style =>
      rows.length === 0 ? 'no host is named for any environment: tsm host list\n' : rowsText(rows, style),
    exit: rows.every(row => row.isThere) ? 0 : rows.every(row => row.error?.code === 'unreachable') ? 69 : 4,
  };
}

/** Environments that were promoted and that a host is named for. */
function withHosts(org: OrgLayout): string[] {
  const manifest = readManifest(org);
  return listHistories(org).filter(env => hostsOf(manifest, env).length > 0);
}

async function rowsOf(org: OrgLayout, env: string, options: Options): Promise<Row[]> {
  const { head } = await historyOf(org, env);
  const answers = await askAll(targets(org, env, options), hostProgram(), async remote => {
    return (await remote.probe(org.name, env, [])).status;
  });
  return answers.map(answer => {
    const { name, address } = answer.host;
    const base = { env, host: name, isFolder: address.kind === 'local', wanted: head.generation };
    if (answer.error) {
      const { code, message, hint } = answer.error;
      const error = { code, message, hint };
      return { ...base, recorded: null, actual: null, health: 'unknown', status: null, error, isThere: false };
    }
    const status = answer.value;
    const recorded = status?.recorded?.generation ?? null;
    const health = !status?.recorded ? 'unknown' : status.sick.length > 0 ? 'sick' : 'well';
    const isThere = recorded === head.generation && status?.actual === head.bundle && health === 'well';
    return { ...base, recorded, actual: status?.actual ?? null, health, status, isThere };
  });
}

function rowJson({ env, host, wanted, recorded, actual, health, status, error, isThere }: Row) {
  return {
    env,
    host,
    wanted,
    recorded,
    actual,
    health,
    drift: null,
    isThere,
    since: status?.since,
    by: status?.by,
    outcome: status?.outcome,
    reason: status?.reason,
    sick: status?.sick,
    underWay: status?.underWay,
    error,
  };
}

function rowsText(rows: readonly Row[], style: Style): string {
  return table(
    rows.map(row => {
      const { env, host, wanted, recorded, status, error } = row;
      const mark = row.isThere ? style.green('*') : style.red('!');
      if (error) return [mark, `@${env}`, host, style.red(error.code), printable(error.message)];
      const at = recorded === null ? style.dim('nothing active') : `generation ${recorded}`;
      const behind = recorded === wanted ? '' : style.yellow(`(${wanted} is wanted)`);
      return [mark, `@${env}`, host, `${at} ${behind}`.trim(), wordsOf(row, style), style.dim(sinceOf(status))];
    }),
  );
}

function wordsOf({ env, isFolder, status, actual, recorded }: Row, style: Style): string {
  if (status === null) return style.yellow(`tsm is not installed there: tsm org ship @${env}`);
  const words: string[] = [];
  if (status.underWay) {
    const { id, generation, by } = status.underWay;
    words.push(style.yellow(`generation ${generation} by ${printable(by)} waits: tsm org confirm @${env} ${id}`));
  } else if (status.recorded && actual !== status.recorded.bundle)
    words.push(style.red('its pointer was changed by hand'));
  if (status.sick.length > 0) words.push(style.red(`sick: ${status.sick.join(', ')}`));
  else if (recorded !== null) words.push(isFolder ? 'a folder: nothing runs' : `${status.running} running`);
  if (!status.underWay && (status.outcome === 'reverted' || status.outcome === 'revert-failed'))
    words.push(style.red(`${status.outcome}: ${printable(status.reason ?? '')}`));
  return words.join('; ');
}

function sinceOf(status: EnvironmentStatus | null): string {
  if (!status?.since) return '';
  return `${status.since.replace('T', ' ').replace(/\.\d+Z$/, 'Z')} by ${printable(status.by ?? '')}`;
}
