/** What the host is, as data. */

import type { Active } from '../../lib/host/record.js';
import { hasObject } from '../../store/bundles.js';
import { readChain } from './chain.js';
import { currentBundle, listEnvironments } from './environments.js';
import { unitsOnHost } from './files.js';
import { newestSeq, readRecord } from './history.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';
import { readPending } from './pending.js';
import { show } from './systemd.js';

export interface EnvironmentStatus {
  readonly org: string;
  readonly env: string;
  /** By the host's log. */
  readonly recorded: Active | null;
  /** By the pointer: the store name. */
  readonly actual: string | null;
  readonly since: string | null;
  readonly by: string | null;
  /** What became of the newest activation. */
  readonly outcome: string | null;
  readonly reason: string | null;
  /** The operators' log, as far as it was shipped. */
  readonly chain: {
    readonly seq: number;
    readonly digest: string;
    readonly generation: number;
    readonly by: string;
  } | null;
  readonly underWay: {
    readonly id: string;
    readonly generation: number;
    readonly by: string;
    readonly since: string;
  } | null;
  /** Units that run, and those that do not though they should. */
  readonly running: number;
  readonly sick: readonly string[];
  /** Of the objects asked for, those that are not in the store. */
  readonly missing: readonly string[];
}

/** Of one environment (`acme prod`, and store names to look for), or of all. */
export function statusOf(layout: HostLayout, [org, env, ...objects]: readonly string[]): Promise<EnvironmentStatus[]> {
  const environments = org && env ? [layout.environment(org, env)] : listEnvironments(layout);
  return Promise.all(
    environments.map(async environment => ({
      ...(await stateOf(layout, environment)),
      missing: objects.filter(name => !hasObject(layout.store, name)),
    })),
  );
}

async function stateOf(
  layout: HostLayout,
  environment: EnvironmentLayout,
): Promise<Omit<EnvironmentStatus, 'missing'>> {
  const seq = newestSeq(environment);
  const record = seq === 0 ? null : readRecord(environment, seq).record;
  const under = readPending(environment)?.pending;
  const { head } = await readChain(environment.chain);
  const units = [...unitsOnHost(layout, environment).keys()];
  const states = layout.isLive ? [...show(units)] : [];
  return {
    org: environment.org,
    env: environment.env,
    recorded: record?.active ?? null,
    actual: currentBundle(environment),
    since: record?.at ?? null,
    by: record?.by ?? null,
    outcome: record?.outcome ?? null,
    reason: record?.reason ?? null,
    chain: head && {
      seq: head.record.seq,
      digest: head.digest,
      generation: head.record.generation,
      by: head.record.by,
    },
    underWay: under ? { id: under.id, generation: under.to.generation, by: under.by, since: under.since } : null,
    running: states.filter(([, { active }]) => active === 'active').length,
    sick: states.filter(([, { active, sub }]) => active === 'failed' || sub === 'auto-restart').map(([unit]) => unit),
  };
}
