/** Deciding an activation, and writing down what came of it. */

import { existsSync, readFileSync } from 'node:fs';
import type { HostOutcome, Verdict } from '../../lib/host/activation.js';
import { type HostRecord, hostRecordFormat } from '../../lib/host/record.js';
import { replaceLoosely } from '../../store/durable.js';
import { firewallUnit } from './boot-units.js';
import { EventWriter } from './events.js';
import { appendRecord, readRecord } from './history.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';
import { closePending, type Pending, readPending, takePending } from './pending.js';
import { discard } from './swap.js';
import { jobs, queue } from './systemd.js';
import { takeBack, takeBackAtBoot } from './takeback.js';

/** Why an activation is decided by somebody else than itself. */
export type Occasion =
  /** It ended without deciding. */
  | 'crash'
  /** Nobody had decided in time. */
  | 'deadline'
  /** The host started again. */
  | 'boot'
  /** Another activation finds it. */
  | 'next';

const reasons: Readonly<Record<Occasion, string>> = {
  crash: 'the activation was killed before it was confirmed',
  deadline: 'nobody confirmed before the deadline',
  boot: 'the host was restarted before anybody confirmed',
  next: 'the activation had ended without being confirmed',
};

/**
 * Finishes whatever the environment's activation had come to. Called by one process at a time, the holder of the lease;
 * what an earlier one began and could not finish is finished as it was begun.
 */
export function settle(layout: HostLayout, environment: EnvironmentLayout, occasion: Occasion, reason?: string) {
  const found = readPending(environment);
  if (!found) return;
  if (found.state === 'pending') takePending(environment, 'reverting');
  const taken = readPending(environment);
  if (!taken) return;
  const events = writerFor(environment, taken.pending);
  const isBoot = occasion === 'boot';
  if (taken.state === 'confirmed') return finishConfirmed(layout, environment, taken.pending, events, {}, isBoot);
  finishReverted(layout, environment, taken.pending, events, reason ?? reasons[occasion], isBoot);
}

/** Who asked to take it back, as a sentence. */
export function whoAsked(environment: EnvironmentLayout, id: string): string | undefined {
  const { asked } = environment.activation(id);
  return existsSync(asked) ? readFileSync(asked, 'utf8') : undefined;
}

export function writerFor(environment: EnvironmentLayout, pending: Pending): EventWriter {
  return new EventWriter(environment.activation(pending.id).events, Date.parse(pending.since));
}

export interface Confirmation {
  readonly proof?: string;
  readonly reason?: string;
}

/** The new generation stands. The caller has taken the pending file for it. */
export function finishConfirmed(
  layout: HostLayout,
  environment: EnvironmentLayout,
  pending: Pending,
  events: EventWriter,
  { proof, reason }: Confirmation,
  isBoot = false,
): Verdict {
  // The unit that loads the rules at boot follows nftables.service, which flushes every table, as long as it is active.
  // While the host starts it waits for this very process, and starts afterwards.
  if (pending.firewall && layout.isLive && !isBoot) jobs('start', [firewallUnit]);
  return close(layout, environment, pending, events, { outcome: 'confirmed', proof, reason });
}

/** Everything goes back. The caller has taken the pending file for it. */
export function finishReverted(
  layout: HostLayout,
  environment: EnvironmentLayout,
  pending: Pending,
  events: EventWriter,
  reason: string,
  isBoot = false,
  details?: readonly string[],
): Verdict {
  events.begin('revert', `going back: ${reason}`);
  const problems = isBoot ? takeBackAtBoot(layout, pending) : takeBack(layout, pending);
  const outcome = problems.length === 0 ? 'reverted' : 'revert-failed';
  const said = problems.length === 0 ? reason : `${reason}; and not everything could be taken back`;
  return close(layout, environment, pending, events, {
    outcome,
    reason: said,
    details: [...problems, ...(details ?? [])],
  });
}

interface Decision {
  readonly outcome: Extract<HostOutcome, 'confirmed' | 'reverted' | 'revert-failed'>;
  readonly reason?: string;
  readonly proof?: string;
  readonly details?: readonly string[];
}

/** Writes the record, then lets go: until the pending file is gone, whoever comes next does the same again. */
function close(
  layout: HostLayout,
  environment: EnvironmentLayout,
  pending: Pending,
  events: EventWriter,
  { outcome, reason, proof, details }: Decision,
): Verdict {
  const record: Omit<HostRecord, 'previous'> = {
    format: hostRecordFormat,
    seq: pending.seq,
    id: pending.id,
    outcome,
    generation: pending.to.generation,
    bundle: pending.to.bundle,
    active: outcome === 'confirmed' ? pending.to : pending.from,
    before: pending.from,
    reason,
    proof,
    by: pending.by,
    connection: pending.connection,
    since: pending.since,
    at: new Date().toISOString(),
    held: pending.units.filter(unit => unit.verb === 'stale').map(unit => unit.unit),
    noRevert: pending.noRevert,
    noGuard: pending.noGuard,
  };
  appendRecord(environment, record);
  const verdict = verdictOf(readRecord(environment, pending.seq).record, details);
  forgetStaged(environment);
  closePending(environment);
  if (layout.isLive) queue('stop', [environment.revertUnit]);
  tell(environment, pending.id, events, verdict);
  return verdict;
}

/** What was prepared is needed no more: nobody goes there or back any longer. */
export function forgetStaged(environment: EnvironmentLayout) {
  for (const folder of [environment.stage, environment.stageInEtc]) discard(folder);
}

/** What a record says, to whoever asked for the activation. */
export function verdictOf(record: HostRecord, details?: readonly string[]): Verdict {
  const { outcome, active, reason, held } = record;
  return {
    outcome,
    generation: active?.generation ?? null,
    bundle: active?.bundle ?? null,
    reason,
    details: details && details.length > 0 ? details : undefined,
    held,
  };
}

/**
 * The verdict as a file of the activation and as its last event. The record has said it already. It comes last of all:
 * where it is told nothing is left to do.
 */
export function tell(environment: EnvironmentLayout, id: string, events: EventWriter, verdict: Verdict) {
  const { verdict: path } = environment.activation(id);
  try {
    replaceLoosely(path, `${JSON.stringify(verdict)}\n`);
  } catch {
    // The record says it, too.
  }
  events.write({ event: 'verdict', verdict });
}
