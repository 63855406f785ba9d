/** Whether the units of an environment are well: a judgement over what systemd and their own checks say. */

import { byCodeUnits } from '../text.js';
import {
  type ActiveState,
  isChanged,
  isRunning,
  isStartedByTimer,
  type UnitFiles,
  type UnitState,
  type UnitStep,
  type UnitVerb,
} from './plan.js';
import { parseUnit, type Unit, unitData, unitType, valueIn } from './unit.js';

/** A unit at one moment (org.freedesktop.systemd1(5)). */
export interface Sample extends UnitState {
  /** `running`, `auto-restart`, `waiting` */
  readonly sub: string;
  /** `success`, `exit-code`, `timeout` */
  readonly result: string;
  /** 0 where no process is, or the unit is no service. */
  readonly mainPid: number;
  /** 32 hex digits, made anew with each start; empty where it does not run. */
  readonly invocation: string;
  /** How often systemd started it again by itself. A start by hand can begin at 0 again. */
  readonly restarts: number;
  /** True while a start, stop or reload is under way, or waits. */
  readonly hasJob: boolean;
  /** What its own check said since the watch began, oldest first. */
  readonly answers: readonly Answer[];
}

/** What came of one look: `null`, or what is wrong in words, such as `status 503`. */
export type Answer = string | null;

/** What `systemctl show -p` is asked for, so that `parseShow` can read it. */
export const shownProperties: readonly string[] = [
  ...['Id', 'ActiveState', 'SubState', 'Result'],
  ...['MainPID', 'InvocationID', 'NRestarts', 'Job'],
];

/**
 * Output of `systemctl show UNIT... -p ...`: a block of `Name=value` lines for each unit, parted by blank lines. What a
 * unit does not have is left out there, such as NRestarts of a timer.
 */
export function parseShow(text: string): Map<string, Sample> {
  const blocks = text.split(/\n{2,}/).filter(block => block.trim() !== '');
  return new Map(blocks.map(parseBlock));
}

function parseBlock(block: string): [string, Sample] {
  const lines = block.split('\n').filter(line => line.includes('='));
  const values = new Map(lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  const value = (name: string) => values.get(name) ?? '';
  const sample: Sample = {
    active: value('ActiveState') as ActiveState,
    sub: value('SubState'),
    result: value('Result'),
    mainPid: Number(value('MainPID')),
    invocation: value('InvocationID'),
    restarts: Number(value('NRestarts')),
    hasJob: value('Job') !== '',
    answers: [],
  };
  return [value('Id'), sample];
}

/** What is asked of a unit during the watch. */
export interface Expectation {
  readonly unit: string;
  /** It may end with success: nothing starts it again. */
  readonly mayEnd: boolean;
  readonly hasCheck: boolean;
}

export interface Undertaking {
  /** Our unit files that lay on the host. */
  readonly before: UnitFiles;
  /** Those of the bundle that run on this host. */
  readonly after: UnitFiles;
  /** The plan. */
  readonly steps: readonly UnitStep[];
  /** Samples from before the activation, each with one answer of the unit's own check where it has one. */
  readonly earlier: ReadonlyMap<string, Sample>;
}

/**
 * The units to watch, by name: those that the activation starts, and those that it leaves alone and that were well.
 * What was sick before and did not change is not the activation's doing, even where it is started once more.
 */
export function expectations({ before, after, steps, earlier }: Undertaking): Expectation[] {
  const verbs = new Map(steps.map(({ unit, verb }) => [unit, verb]));
  const isWatched = ([unit, text]: readonly [string, string]): boolean => {
    const sample = earlier.get(unit);
    if (isStartedByTimer(unit, after)) return false;
    if (!starting.includes(verbs.get(unit) ?? 'none'))
      return sample !== undefined && isRunning(sample) && !isSick(sample);
    return isChanged(before.get(unit), text) || sample === undefined || !isSick(sample);
  };
  return [...after]
    .filter(isWatched)
    .map(([unit, text]) => expectation(unit, parseUnit(text)))
    .sort((a, b) => byCodeUnits(a.unit, b.unit));
}

const starting: readonly UnitVerb[] = ['start', 'restart', 'stop-start', 'reload'];

function expectation(unit: string, file: Unit): Expectation {
  const restart = valueIn(file, 'Service', 'Restart') ?? 'no';
  const hasCheck = unitData(file).health !== null;
  return {
    unit,
    // What is asked how it is has to be there to answer.
    mayEnd: !hasCheck && unitType(unit) === 'service' && restart !== 'always' && restart !== 'on-success',
    hasCheck,
  };
}

function isSick({ active, sub, answers }: Sample): boolean {
  return active === 'failed' || sub === 'auto-restart' || (answers.at(-1) ?? null) !== null;
}

export interface Watch {
  readonly expected: readonly Expectation[];
  /** The first samples after the start: restarts count from there. */
  readonly first: ReadonlyMap<string, Sample>;
  readonly now: ReadonlyMap<string, Sample>;
  /** What is still under way, or was not seen to work yet, is sick when the watch is over. */
  readonly over: boolean;
}

export interface Sick {
  readonly unit: string;
  /** Completes "`<unit>` is sick: ...". */
  readonly reason: string;
}

/** In the order of what is expected. */
export function judge({ expected, first, now, over }: Watch): Sick[] {
  return expected.flatMap(expectation => {
    const { unit } = expectation;
    const [begun, sample] = [first.get(unit), now.get(unit)];
    const reason =
      sample === undefined || begun === undefined
        ? 'systemd does not know it'
        : (stateProblem(expectation, sample, over) ??
          anewProblem(begun, sample) ??
          (expectation.hasCheck && isRunning(sample) ? checkProblem(sample.answers, over) : null));
    return reason === null ? [] : [{ unit, reason }];
  });
}

function stateProblem({ mayEnd }: Expectation, { active, sub, result, hasJob }: Sample, over: boolean): string | null {
  const how = result === 'success' || result === '' ? '' : ` (${result})`;
  if (active === 'failed') return `failed${how}`;
  if (sub === 'auto-restart') return `ended${how}, and waits to be started again`;
  if (active === 'activating') return over ? 'still starting' : null;
  if (hasJob) return over ? 'what it was asked to do is not done' : null;
  return isRunning({ active }) || (mayEnd && result === 'success') ? null : `not running${how}`;
}

/** A service that ended, and was up again before anybody looked. */
function anewProblem(begun: Sample, { mainPid, invocation, restarts }: Sample): string | null {
  const times = restarts - begun.restarts;
  if (times > 0) return `was started again by systemd${times > 1 ? ` ${times} times` : ''}`;
  if (begun.mainPid > 0 && mainPid > 0 && mainPid !== begun.mainPid)
    return `its main process changed, from ${begun.mainPid} to ${mainPid}`;
  if (begun.invocation !== '' && invocation !== '' && invocation !== begun.invocation) return 'was started anew';
  return null;
}

/** A check that never passed may need time; one that passed may fail once. */
function checkProblem(answers: readonly Answer[], over: boolean): string | null {
  const passed = answers.indexOf(null);
  if (passed < 0) return over ? `its check never passed: ${answers.at(-1) ?? 'no answer'}` : null;
  const failures = answers.slice(passed).filter(answer => answer !== null);
  return failures.length < 2 ? null : `its check failed ${failures.length} times: ${failures.at(-1)}`;
}
