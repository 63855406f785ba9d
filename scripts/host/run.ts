/**
 * An activation, from the lease to the verdict. It runs as a unit of its own, so that nobody who goes away takes it along.
 *
 * 1. What an earlier activation left undecided is decided.
 * 2. Verify, plan, check: nothing that is live is touched, and whatever is wrong refuses the activation.
 * 3. Stage: everything that going there or back needs is on the disk.
 * 4. The write boundary: `pending` says what happens, and the deadline is armed. From here on there is a way back that
 *    does not need this process.
 * 5. Converge, watch, and wait for the proof that the operator still gets in.
 * 6. Take the pending file for one outcome, unless somebody else has: exactly one decides.
 */

import { readFileSync } from 'node:fs';
import type { ActivationRequest, Verdict } from '../../lib/host/activation.js';
import type { Sample } from '../../lib/host/health.js';
import { planDigest } from '../../lib/host/plan-digest.js';
import { hostRecordFormat } from '../../lib/host/record.js';
import { arm, stage } from './boundary.js';
import { check } from './checks.js';
import { awaitProof } from './confirm.js';
import { converge, type Failure } from './converge.js';
import { listEnvironments } from './environments.js';
import { EventWriter } from './events.js';
import { appendRecord, newestSeq, prepareRecord } from './history.js';
import { type Intent, intend, isNothing } from './intent.js';
import { refuse } from './launch.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';
import { leaseBusy, takeLease, writeHolder } from './lease.js';
import { type Pending, readPending, takePending } from './pending.js';
import { Refusal } from './refusal.js';
import { type Confirmation, finishConfirmed, finishReverted, forgetStaged, settle, tell, whoAsked } from './settle.js';
import { lookBefore, watch } from './watch.js';

export interface Work {
  readonly layout: HostLayout;
  readonly environment: EnvironmentLayout;
  readonly request: ActivationRequest;
  readonly events: EventWriter;
  /** UTC, ISO 8601. */
  readonly since: string;
}

export async function run(layout: HostLayout, environment: EnvironmentLayout, id: string): Promise<Verdict> {
  const activation = environment.activation(id);
  const request = JSON.parse(readFileSync(activation.request, 'utf8')) as ActivationRequest;
  const now = new Date();
  const work = {
    layout,
    environment,
    request,
    events: new EventWriter(activation.events, +now),
    since: now.toISOString(),
  };
  try {
    const intent = await beforeBoundary(work);
    if ('outcome' in intent) {
      tell(environment, id, work.events, intent);
      return intent;
    }
    return await acrossBoundary(work, intent);
  } catch (error) {
    // Behind the boundary it is not refused any more: whoever comes next decides it.
    if (readPending(environment)?.pending.id === id) throw error;
    forgetStaged(environment);
    if (error instanceof Refusal) return refuse(environment, id, error.verdict);
    const reason = `the activation failed before it touched anything: ${(error as Error).message}`;
    return refuse(environment, id, { code: 'refused', reason });
  }
}

/** Everything that may say no. @throws Refusal */
async function beforeBoundary(work: Work): Promise<Intent | Verdict> {
  const { layout, environment, request, events } = work;
  const { id, by, generation } = request;
  if (!takeLease(layout)) throw new Refusal(leaseBusy(layout));
  events.begin('lease', 'nothing else is at work on the host');
  writeHolder(layout, {
    id,
    by,
    since: work.since,
    purpose: `activation of ${environment.name}, generation ${generation}`,
  });
  for (const other of listEnvironments(layout)) {
    if (!readPending(other)) continue;
    events.note(`an activation of ${other.name} was left undecided: it is taken back first`);
    settle(layout, other, 'next');
  }
  const intent = await intend(work);
  const digest = planDigest(intent.plan);
  events.write({ event: 'plan', plan: intent.plan, digest });
  if (request.plan !== undefined && request.plan !== digest)
    throw new Refusal({
      code: 'moved',
      reason: `the host has moved since that plan was made: it would be ${digest} now`,
      hint: `tsm org activate @${request.env} --dry-run`,
    });
  const active = { generation: intent.to.generation, bundle: intent.to.bundle };
  if (isNothing(intent)) {
    if (!request.dryRun) noteGeneration(work, intent);
    return { outcome: 'unchanged', held: [], ...active };
  }
  await check(work, intent);
  const { from } = intent;
  if (request.dryRun)
    return { outcome: 'planned', generation: from?.generation ?? null, bundle: from?.bundle ?? null, held: [] };
  return intent;
}

/** The host already is what it should be, under another number: only the log has to say so. */
function noteGeneration({ environment, request, since }: Work, { from, to }: Intent) {
  if (from?.generation === to.generation) return;
  prepareRecord(environment);
  appendRecord(environment, {
    format: hostRecordFormat,
    seq: newestSeq(environment) + 1,
    id: request.id,
    outcome: 'unchanged',
    generation: to.generation,
    bundle: to.bundle,
    active: to,
    before: from,
    by: request.by,
    connection: request.connection,
    since,
    at: new Date().toISOString(),
    held: [],
  });
}

async function acrossBoundary(work: Work, intent: Intent): Promise<Verdict> {
  const { layout, environment, events } = work;
  const earlier = await lookBefore(work, intent);
  const pending = stage(work, intent);
  const { failure, ...confirmation } = await attempt(work, intent, pending, earlier);
  if (!takePending(environment, failure ? 'reverting' : 'confirmed')) return await overtaken();
  // What fails from here on ends this process, and whoever comes next goes on with what was taken.
  if (!failure) return finishConfirmed(layout, environment, pending, events, confirmation);
  return finishReverted(layout, environment, pending, events, failure.reason, false, failure.details);
}

interface Attempt extends Confirmation {
  /** Why it has to go back. */
  readonly failure?: Failure;
}

/** What is thrown is a failure as well: behind the boundary there is only there or back. */
async function attempt(
  work: Work,
  intent: Intent,
  pending: Pending,
  earlier: ReadonlyMap<string, Sample>,
): Promise<Attempt> {
  const { request, events } = work;
  try {
    const unarmed = arm(work, pending);
    if (unarmed) return { failure: { reason: unarmed } };
    const stuck = await converge(work, intent, pending);
    if (stuck) return { failure: stuck };
    const sick = await watch(work, intent, pending, earlier);
    if (sick && request.noRevert === undefined) return { failure: sick };
    if (sick) events.note(`${sick.reason}; kept all the same: ${request.noRevert}`);
    const proof = await awaitProof(work);
    const unproven = `nobody confirmed within ${request.confirmTimeout} s`;
    if (proof === null) return { failure: { reason: whoAsked(work.environment, request.id) ?? unproven } };
    return { proof, reason: sick?.reason };
  } catch (error) {
    return { failure: { reason: `the activation failed: ${(error as Error).message}` } };
  }
}

/** Somebody else has decided: the deadline, or an operator. They end this process when it is in their way. */
async function overtaken(): Promise<never> {
  for (;;) await new Promise(resolve => setTimeout(resolve, 60_000));
}
