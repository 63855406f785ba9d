/**
 * Making the host what the plan says. The order is the reason that it works:
 *
 * 1. What goes away, or ends differently from now on, is stopped while systemd still knows its old definition.
 * 2. The files change, the pointer first: that is the moment from which the new generation is what the host is.
 * 3. systemd reads its files; the rules are loaded; what is new or changed is started.
 */

import type { Sample } from '../../lib/host/health.js';
import { renderRules } from '../../lib/render/nftables.js';
import { removeIfThere } from '../../store/durable.js';
import { load } from './firewall.js';
import type { Intent } from './intent.js';
import { type Pending, type PendingUnit, unitsWith } from './pending.js';
import type { Work } from './run.js';
import { forward } from './swap.js';
import { halt, linesOf, type Ran } from './system.js';
import { daemonReload, jobs, journalOf, show } from './systemd.js';

export interface Failure {
  readonly reason: string;
  readonly details?: readonly string[];
}

/** Why it could not be done; `null` where it was. */
export async function converge(work: Work, intent: Intent, pending: Pending): Promise<Failure | null> {
  const { layout, events } = work;
  const units = layout.isLive ? pending.units : [];
  const stops = unitsWith(units, 'stop', 'stop-start');
  if (stops.length > 0) {
    events.begin('stop', stops.join(', '));
    const ran = jobs('stop', stops);
    if (ran.code !== 0) return failed('a unit could not be stopped', ran);
  }
  events.begin(
    'switch',
    pending.from
      ? `generation ${pending.from.generation} -> ${pending.to.generation}`
      : `generation ${pending.to.generation}`,
  );
  forward(pending.swaps);
  if (!layout.isLive) return null;
  // It takes 0.1 s, and the rules are no business of systemd's.
  if (intent.changes.some(({ path }) => path !== layout.firewall)) {
    events.begin('reload', 'systemd reads its unit files');
    const ran = daemonReload();
    if (ran.code !== 0) return failed('systemd could not read its unit files', ran);
  }
  if (pending.firewall) {
    events.begin('firewall', 'loading the rules of all environments at once');
    const [problem] = load(renderRules(intent.rules));
    if (problem) return { reason: 'the rules could not be loaded', details: [problem] };
  }
  // A login from before the rules says nothing of them.
  removeIfThere(work.environment.activation(work.request.id).proof);
  return begin(work, units);
}

/** Starts, restarts and reloads exactly what the plan names. */
function begin({ events, since }: Work, units: readonly PendingUnit[]): Failure | null {
  const restarts = unitsWith(units, 'restart');
  const starts = unitsWith(units, 'start', 'stop-start');
  const reloads = unitsWith(units, 'reload');
  const all = [...starts, ...restarts, ...reloads];
  if (all.length === 0) return null;
  events.begin('start', all.join(', '));
  let states: ReadonlyMap<string, Sample>;
  let pendingRestarts = restarts;
  for (let attempt = 1; ; attempt++) {
    const problems = [jobs('restart', pendingRestarts), jobs('start', starts)].filter(ran => ran.code !== 0);
    states = show(all);
    pendingRestarts = untouched(units, pendingRestarts, states);
    if (problems.length === 0 || pendingRestarts.length === 0 || attempt === 3) break;
    // The job was lost with the connection to a manager that was executed anew: that is no verdict.
    halt(300);
  }
  const ran = jobs('reload', reloads);
  if (ran.code !== 0) return failed('a unit could not be reloaded', ran, reloads, since);
  if (reloads.length > 0) states = show(all);
  const down = units
    .filter(unit => all.includes(unit.unit) && !unit.failedBefore)
    .map(unit => unit.unit)
    .filter(unit => !['active', 'activating', 'reloading', 'inactive'].includes(states.get(unit)?.active ?? 'failed'));
  if (down.length === 0) return null;
  return { reason: `${down.join(', ')} did not start`, details: wordsOf(down, since) };
}

/** Those that are still the same process. */
function untouched(
  units: readonly PendingUnit[],
  names: readonly string[],
  now: ReadonlyMap<string, Sample>,
): string[] {
  return names.filter(name => {
    const before = units.find(unit => unit.unit === name)?.invocation;
    return before !== '' && now.get(name)?.invocation === before;
  });
}

function failed(reason: string, ran: Ran, units: readonly string[] = [], since = ''): Failure {
  return { reason, details: [...linesOf(ran.stderr).slice(0, 5), ...wordsOf(units, since)] };
}

/** What the units said last, each line with its unit. */
export function wordsOf(units: readonly string[], since: string): string[] {
  return units.flatMap(unit =>
    journalOf(unit, Date.parse(since) / 1000).map(line => (line.startsWith(unit) ? line : `${unit}: ${line}`)),
  );
}
