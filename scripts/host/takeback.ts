/**
 * Going back: everything as it was before the activation, however far it came, and whoever does it. Each step can be
 * repeated, so that the next one can go on where this one was killed.
 *
 * 1. The files: the pointer, units, links and rules, by renames.
 * 2. The rules, so that the operator gets in again.
 * 3. What only the new generation has is stopped, and systemd reads its files again.
 * 4. What was running is running again: only units that were really touched are started anew.
 */

import type { Sample } from '../../lib/host/health.js';
import { isRunning } from '../../lib/host/plan.js';
import { loadRules } from './firewall.js';
import type { HostLayout } from './layout.js';
import { type Pending, type PendingUnit, unitsWith } from './pending.js';
import { back } from './swap.js';
import { daemonReload, jobs, queue, show } from './systemd.js';

/** What could not be brought back; empty where everything is as it was. */
export function takeBack(layout: HostLayout, pending: Pending): string[] {
  back(pending.swaps);
  if (!layout.isLive) return [];
  const problems = pending.firewall ? loadRules(layout) : [];
  jobs(
    'stop',
    unitsOf(pending, unit => unit.verb === 'start' && !unit.wasRunning),
  );
  if (pending.units.length === 0 && pending.swaps.length === 0) return problems;
  const reload = daemonReload();
  if (reload.code !== 0) problems.push(`systemctl daemon-reload: ${reload.stderr.trim()}`);
  const touched = touchedUnits(pending);
  jobs('stop', unitsWith(touched, 'stop-start'));
  jobs('start', [...unitsWith(touched, 'stop', 'stop-start', 'start')]);
  jobs('restart', unitsWith(touched, 'restart'));
  jobs('reload', unitsWith(touched, 'reload'));
  return [...problems, ...stillDown(pending)];
}

/**
 * The same while the host starts, before any service does: the start jobs that wait already will take the old
 * definitions once systemd has read them; those that only the old generation has were never asked for.
 */
export function takeBackAtBoot(layout: HostLayout, pending: Pending): string[] {
  back(pending.swaps);
  if (!layout.isLive) return [];
  const reload = daemonReload();
  queue(
    'stop',
    unitsOf(pending, unit => unit.verb === 'start' && !unit.wasRunning),
  );
  queue(
    'start',
    unitsOf(pending, unit => unit.verb === 'stop' && unit.wasRunning),
  );
  return reload.code === 0 ? [] : [`systemctl daemon-reload: ${reload.stderr.trim()}`];
}

/**
 * Those that were running and are not the same process any more, or may have been told to read other settings. A unit
 * that was stopped keeps the id of its last invocation.
 */
function touchedUnits({ units }: Pending): PendingUnit[] {
  const running = units.filter(unit => unit.wasRunning);
  const now = show(running.map(unit => unit.unit));
  const isSame = ({ unit, invocation }: PendingUnit) => isUp(now.get(unit)) && now.get(unit)?.invocation === invocation;
  return running.filter(unit => unit.verb === 'reload' || !isSame(unit));
}

function stillDown({ units }: Pending): string[] {
  const wanted = units.filter(unit => unit.wasRunning).map(unit => unit.unit);
  const now = show(wanted);
  return wanted
    .filter(unit => !isUp(now.get(unit)))
    .map(unit => `${unit} was running before, and does not start: systemctl status ${unit}`);
}

function unitsOf({ units }: Pending, wanted: (unit: PendingUnit) => boolean): string[] {
  return units.filter(wanted).map(unit => unit.unit);
}

function isUp(sample: Sample | undefined): boolean {
  return sample !== undefined && isRunning(sample);
}
