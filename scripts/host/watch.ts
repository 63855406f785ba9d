/** Watching what was started: what systemd says of it, and what its own checks say, for as long as the soak lasts. */

import { existsSync } from 'node:fs';
import { expectations, judge, type Sample } from '../../lib/host/health.js';
import { type Failure, wordsOf } from './converge.js';
import type { Intent } from './intent.js';
import type { Pending } from './pending.js';
import { type Probe, probesFor } from './probes.js';
import type { Work } from './run.js';
import { show } from './systemd.js';

/** Between two looks at systemd, in ms. */
const pace = 250;

/** Which units are sick, and what they said last; `null` where all are well at the end of the soak. */
export async function watch(
  work: Work,
  intent: Intent,
  pending: Pending,
  earlier: ReadonlyMap<string, Sample>,
): Promise<Failure | null> {
  const { layout, environment, request, events } = work;
  const expected = expectations({
    before: intent.filesBefore,
    after: intent.unitFiles,
    steps: intent.plan.units,
    earlier,
  });
  const probes = probesFor(
    work,
    intent,
    expected.filter(unit => unit.hasCheck).map(unit => unit.unit),
  );
  const isTouched = pending.units.some(unit => !['none', 'stale', 'stays-stopped'].includes(unit.verb));
  // Where nothing was started there is nothing to wait for, but the rules or the pointer may have cut somebody off.
  const soak = isTouched && layout.isLive ? request.soak : 0;
  if (expected.length === 0 || (!layout.isLive && probes.length === 0)) return null;
  events.begin('watch', soak > 0 ? `${expected.length} units for ${soak} s` : `${expected.length} units`);
  const end = Date.now() + soak * 1000;
  const units = expected.map(unit => unit.unit);
  const first = samplesOf(work, units, probes);
  for (;;) {
    await Promise.all(probes.map(probe => probe.ask(soak === 0)));
    const over = Date.now() >= end;
    const sick = judge({ expected, first, now: samplesOf(work, units, probes), over });
    if (sick.length > 0)
      return {
        reason: sick.map(({ unit, reason }) => `${unit} is sick: ${reason}`).join('; '),
        details: layout.isLive
          ? wordsOf(
              sick.map(({ unit }) => unit),
              work.since,
            )
          : [],
      };
    if (over) return null;
    // Somebody else has decided.
    if (!existsSync(environment.pending)) return null;
    await new Promise(resolve => setTimeout(resolve, Math.min(pace, Math.max(0, end - Date.now()))));
  }
}

/** What systemd said before, and one answer of each check that runs: what is sick already is not our doing. */
export async function lookBefore(work: Work, intent: Intent): Promise<ReadonlyMap<string, Sample>> {
  const asked = [...intent.before].filter(([, { active }]) => active === 'active').map(([unit]) => unit);
  const probes = probesFor(
    work,
    intent,
    asked.filter(unit => intent.unitFiles.has(unit)),
  );
  await Promise.all(probes.map(probe => probe.ask(true)));
  const answers = new Map(probes.map(probe => [probe.unit, probe.answers]));
  return new Map([...intent.before].map(([unit, sample]) => [unit, { ...sample, answers: answers.get(unit) ?? [] }]));
}

/** Below a folder nothing runs: only a service's own command can say something. */
function samplesOf({ layout }: Work, units: readonly string[], probes: readonly Probe[]): Map<string, Sample> {
  const samples = new Map(layout.isLive ? show(units) : units.map(unit => [unit, running] as const));
  for (const probe of probes) {
    const sample = samples.get(probe.unit);
    if (sample) samples.set(probe.unit, { ...sample, answers: [...probe.answers] });
  }
  return samples;
}

export const running: Sample = {
  active: 'active',
  sub: 'running',
  result: 'success',
  mainPid: 0,
  invocation: '',
  restarts: 0,
  hasJob: false,
  answers: [],
};
