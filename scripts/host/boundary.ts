/** The write boundary: what has to be on the disk, and who takes it back, before anything live is touched. */

import { newestSeq, prepareRecord } from './history.js';
import type { Intent } from './intent.js';
import { commandOf } from './lease.js';
import { type Pending, writePending } from './pending.js';
import type { Work } from './run.js';
import { prepare } from './swap.js';
import { isActive, jobs, startTransient } from './systemd.js';

/** What systemd may take to stop and start a unit, in seconds, twice its default limit (systemd-system.conf(5)). */
const convergeAllowance = 180;

/** Writes both sides of every change, and then the file that says that an activation is under way. */
export function stage(work: Work, intent: Intent): Pending {
  const { environment, request, events } = work;
  events.begin('stage', 'writing what is needed to go there, and to come back');
  const swaps = [...prepare(intent.links, environment.stage), ...prepare(intent.changes, environment.stageInEtc)];
  prepareRecord(environment);
  const pending: Pending = {
    id: request.id,
    org: request.org,
    env: request.env,
    by: request.by,
    connection: request.connection,
    since: work.since,
    from: intent.from,
    to: intent.to,
    swaps,
    units: intent.units,
    firewall: intent.plan.firewall.change !== 'none',
    seq: newestSeq(environment) + 1,
    noRevert: request.noRevert,
    noGuard: request.noGuard,
  };
  events.begin('boundary', 'from here on the host takes itself back unless it is confirmed');
  writePending(environment, pending);
  return pending;
}

/** Seconds from the boundary until the host takes itself back. */
function windowOf({ request }: Work): number {
  return convergeAllowance + request.soak + (request.confirm === 'none' ? 0 : request.confirmTimeout);
}

/** The deadline, as a unit that does not depend on this process. Why it could not be armed, or `null`. */
export function arm(work: Work, pending: Pending): string | null {
  const { layout, environment } = work;
  if (!layout.isLive) return null;
  const { root } = environment;
  const deadline = commandOf(layout, 'deadline', environment.org, environment.env, pending.id).join(' ');
  // Without a semicolon: systemd writes it down in a way that it cannot read any more at the next daemon-reload.
  const guard = {
    unit: environment.revertUnit,
    description: `tsm: takes ${environment.name} back unless it is confirmed`,
    command: ['sleep', 'infinity'],
    after: ['/bin/sh', '-c', `"! ls ${root}/pending* >/dev/null 2>&1 || exec ${deadline}"`],
    limit: windowOf(work),
  };
  let ran = startTransient(guard);
  // That of an activation that has just ended may be on its way out.
  if (ran.code !== 0 && isActive(environment.revertUnit)) {
    jobs('stop', [environment.revertUnit]);
    ran = startTransient(guard);
  }
  return ran.code === 0 ? null : `the deadline could not be armed: ${ran.stderr.trim()}`;
}
