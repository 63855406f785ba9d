/** `tsm org diff @ENV [N [M]]`: what a promote would change; where nothing would, what the last one changed. */

import { exitCodes, usage } from '../../../lib/errors.js';
import type { LogRecord } from '../../../lib/history.js';
import { envName } from '../../../lib/names.js';
import { byCodeUnits, dotted } from '../../../lib/text.js';
import { formatValue } from '../../../lib/toml/format.js';
import { sameValue, writtenAt } from '../../../lib/toml/values.js';
import type { Layout, OrgLayout } from '../../../store/layout.js';
import { openLog, type PointerLog } from '../../../store/log.js';
import { comparisonJson, comparisonLines } from '../../cli/changes.js';
import type { Input, Outcome } from '../../cli/command.js';
import { build } from '../../operator/build.js';
import { type Comparison, compare, empty, generationSide, isSame, promotedSide } from '../../operator/comparison.js';
import { generationArgument, generationOf, historyOf } from '../../operator/generations.js';
import { currentOrg } from '../../operator/workspace.js';

export async function run({ args, options, workspace }: Input): Promise<Outcome> {
  const env = envName(args[0] as string);
  const numbers = args.slice(1).map(generationArgument);
  const org = currentOrg(workspace);
  const local = options.flags.has('local');
  if (local && numbers.length > 0)
    throw usage('--local compares with local.toml, not with a generation', 'tsm org diff --help');
  const found = local
    ? againstLocal(org, env)
    : numbers.length > 0
      ? await betweenGenerations(workspace.layout, org, env, numbers as number[])
      : await pending(workspace.layout, org, env);
  const different = found.pending && !isSame(found.comparison);
  return {
    schema: 'tsm/diff/1',
    data: {
      org: org.name,
      env,
      from: found.from,
      to: found.to,
      pending: found.pending,
      different,
      ...comparisonJson(found.comparison),
    },
    text: style => {
      const lines = comparisonLines(found.comparison, style);
      return `${found.title}\n${lines === '' ? '  no difference\n' : lines}`;
    },
    exit: options.flags.has('exit-code') && different ? exitCodes.difference : 0,
  };
}

interface Found {
  readonly title: string;
  /** A generation's number, `local` for local.toml, 0 for nothing. */
  readonly from: number | 'local';
  readonly to: number | 'local';
  /** False where there is nothing to do, and the last change is shown instead. */
  readonly pending: boolean;
  readonly comparison: Comparison;
}

async function pending(layout: Layout, org: OrgLayout, env: string): Promise<Found> {
  const { promotion } = build(org, env);
  const log = await openLog(org, env);
  const head = log.head()?.record;
  const name = `${org.name} ${env}`;
  if (head?.bundle === promotion.bundle.name) return lastChange(layout, name, log, head);
  const comparison = compare(head ? generationSide(layout, head) : empty, promotedSide(promotion));
  const title = head
    ? `${name}: a promote would make generation ${head.generation + 1} out of ${head.generation}`
    : `${name}: a promote would make generation 1`;
  return { title, from: head?.generation ?? 0, to: 'local', pending: true, comparison };
}

function lastChange(layout: Layout, name: string, log: PointerLog, head: LogRecord): Found {
  const before = log.generation(head.generation - 1);
  const comparison = compare(before ? generationSide(layout, before) : empty, generationSide(layout, head));
  const title = before
    ? `${name}: nothing is pending; generation ${head.generation} changed this against ${before.generation}`
    : `${name}: nothing is pending; generation ${head.generation} is the first`;
  return { title, from: before?.generation ?? 0, to: head.generation, pending: false, comparison };
}

async function betweenGenerations(
  layout: Layout,
  org: OrgLayout,
  env: string,
  numbers: readonly number[],
): Promise<Found> {
  const { log, head } = await historyOf(org, env);
  const from = generationOf(log, head, env, numbers[0] as number);
  const to = numbers[1] === undefined ? head : generationOf(log, head, env, numbers[1]);
  const comparison = compare(generationSide(layout, from), generationSide(layout, to));
  const title = `${org.name} ${env}: from generation ${from.generation} to ${to.generation}`;
  return { title, from: from.generation, to: to.generation, pending: true, comparison };
}

/** Each setting that the environment does not take as local.toml has it. */
function againstLocal(org: OrgLayout, env: string): Found {
  const { promotion, source } = build(org, env);
  const settings = [...promotion.leaves.values()]
    .map(leaf => ({ leaf, local: writtenAt(source.local, leaf.path) }))
    .filter(({ leaf, local }) => !sameValue(local, leaf.value) && (local !== undefined || leaf.layer !== 'default'))
    .map(({ leaf, local }) => ({
      key: dotted(leaf.path),
      before: local === undefined ? undefined : formatValue(local),
      after: formatValue(leaf.value),
    }))
    .sort((a, b) => byCodeUnits(a.key, b.key));
  return {
    title: `${org.name} ${env}: what local.toml says, and what the environment makes of it`,
    from: 'local',
    to: 'local',
    pending: true,
    comparison: {
      own: { settings, files: [] },
      tsm: { settings: [], files: [] },
      layerOf: key => promotion.leaves.get(key)?.layer,
    },
  };
}
