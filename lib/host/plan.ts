/** What an activation does with each unit: pure data, from the files of both sides and what the host runs. */

import { byCodeUnits } from '../text.js';
import { type Effect, effectOf } from './directives.js';
import { dataSection, parseUnit, runsHere, type Unit, unitData, unitType, valueIn } from './unit.js';

/** What systemd says of a unit now (org.freedesktop.systemd1(5)), as far as a plan needs it. */
export interface UnitState {
  readonly active: ActiveState;
}

export type ActiveState =
  | ('active' | 'reloading' | 'refreshing' | 'activating')
  | ('inactive' | 'failed' | 'deactivating' | 'maintenance');

export type UnitVerb =
  /** New, or not running though it should. */
  | 'start'
  /** No longer in the bundle, or without a role on this host. */
  | 'stop'
  | 'restart'
  /** Stopped under its old definition, then started under the new: what ends it has changed. */
  | 'stop-start'
  | 'reload'
  /** Its file changes, and nothing is done with it: a running service does not notice, or a timer starts it. */
  | 'none'
  /** Kept running as it was, though it changed: `restart_if_changed = false`. */
  | 'stale'
  /** Changed, but somebody stopped it by hand, and it stays so. */
  | 'stays-stopped';

export interface UnitStep {
  /** `acme-prod-api.service` */
  readonly unit: string;
  readonly verb: UnitVerb;
  /** What changed: directives as `Service.MemoryMax`, or words such as `new`, `removed`, `not in role web`. */
  readonly because: readonly string[];
}

/** Texts of unit files by name. */
export type UnitFiles = ReadonlyMap<string, string>;

export interface HostUnits {
  /** Our unit files that lie on the host now. */
  readonly before: UnitFiles;
  /** Those of the bundle, whatever their roles. */
  readonly after: UnitFiles;
  /** A unit that is not named here is inactive. */
  readonly states: ReadonlyMap<string, UnitState>;
  /** The host's. */
  readonly roles: readonly string[];
  /** Whether the environment is meant to run now. Where it is, a unit that does not was stopped by somebody. */
  readonly targetActive: boolean;
}

/** By unit. A unit whose file stays, byte for byte, is named only where it has to be started. */
export function planUnits(host: HostUnits): UnitStep[] {
  const units = [...new Set([...host.before.keys(), ...host.after.keys()])].sort(byCodeUnits);
  return units.flatMap(unit => stepFor(unit, host) ?? []);
}

/** The units of a bundle whose files belong on a host with these roles. */
export function unitsHere(units: UnitFiles, roles: readonly string[]): UnitFiles {
  return new Map([...units].filter(([, text]) => runsHere(unitData(parseUnit(text)), roles)));
}

/** The others, by name, with the roles that would run them. */
export function unitsElsewhere(
  units: UnitFiles,
  roles: readonly string[],
): { unit: string; roles: readonly string[] }[] {
  return [...units]
    .map(([unit, text]) => ({ unit, data: unitData(parseUnit(text)) }))
    .filter(({ data }) => !runsHere(data, roles))
    .map(({ unit, data }) => ({ unit, roles: data.roles }))
    .sort((a, b) => byCodeUnits(a.unit, b.unit));
}

function stepFor(unit: string, host: HostUnits): UnitStep | null {
  const [old, text] = [host.before.get(unit), host.after.get(unit)];
  const step = (verb: UnitVerb, because: readonly string[]): UnitStep => ({ unit, verb, because });
  if (text === undefined) return step('stop', ['removed']);
  const now = parseUnit(text);
  const data = unitData(now);
  if (!runsHere(data, host.roles))
    return old === undefined ? null : step('stop', [`not in role ${data.roles.join(' or ')}`]);
  if (old === undefined) return step(verbForNew(unit, host), ['new']);
  const changes = changesBetween(parseUnit(old), now);
  const verb = verbForKept(unit, changes, now, host);
  if (verb === 'none' && old === text) return null;
  if (changes.length > 0) return step(verb, changes.map(wordsFor));
  return step(verb, [verb === 'start' ? 'not running' : 'nothing that systemd reads']);
}

function verbForNew(unit: string, host: HostUnits): UnitVerb {
  if (isStartedByTimer(unit, host.after)) return 'none';
  if (!isRunning(stateOf(unit, host))) return 'start';
  // A unit of somebody else had the name: it ends as its own definition says.
  return unitType(unit) === 'target' ? 'none' : 'stop-start';
}

function verbForKept(unit: string, changes: readonly Change[], now: Unit, host: HostUnits): UnitVerb {
  const state = stateOf(unit, host);
  if (isStartedByTimer(unit, host.after)) return 'none';
  if (unitType(unit) === 'target') return isRunning(state) ? 'none' : 'start';
  if (!isRunning(state) && !host.targetActive) return 'start';
  if (changes.length === 0) return 'none';
  if (!isRunning(state)) return state.active === 'failed' ? 'start' : 'stays-stopped';
  const verb = verbForRunning(changes, state, now);
  return verb !== 'none' && !unitData(now).restartIfChanged ? 'stale' : verb;
}

/** systemd refuses to reload a unit that is not up yet, or waits to be started again. */
function verbForRunning(changes: readonly Change[], state: UnitState, now: Unit): UnitVerb {
  const has = (effect: Effect) => changes.some(change => change.effect === effect);
  const canReload = valueIn(now, 'Service', 'ExecReload') !== undefined && state.active !== 'activating';
  const restarts = has('restart') || (has('reads') && !canReload);
  if (has('ending') || (restarts && has('grace'))) return 'stop-start';
  if (restarts) return 'restart';
  return has('reads') ? 'reload' : 'none';
}

const stateOf = (unit: string, host: HostUnits): UnitState => host.states.get(unit) ?? { active: 'inactive' };

/** What its timer starts is at rest most of the time, and takes its new definition with the next start. */
export function isStartedByTimer(unit: string, units: UnitFiles): boolean {
  return unitType(unit) === 'service' && units.has(unit.replace(/service$/, 'timer'));
}

/** A unit in auto-restart is `activating`. One that is ending is not started again by an activation. */
export function isRunning({ active }: UnitState): boolean {
  return ['active', 'reloading', 'refreshing', 'activating'].includes(active);
}

interface Change {
  /** `Service.MemoryMax` */
  readonly directive: string;
  readonly effect: Effect;
}

function changesBetween(old: Unit, now: Unit): Change[] {
  const sections = new Set([...now.keys(), ...old.keys()]);
  return [...sections].flatMap(section => {
    const [before, after] = [old.get(section), now.get(section)];
    const names = new Set([...(after?.keys() ?? []), ...(before?.keys() ?? [])]);
    return [...names]
      .filter(name => !sameValues(before?.get(name), after?.get(name)))
      .map(name => ({ directive: `${section}.${name}`, effect: effectOf(section, name) }));
  });
}

/** Of a directive that is given several times, the order can matter (`ExecStartPre=`, `Environment=`). */
function sameValues(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function wordsFor({ directive }: Change): string {
  return directive === `${dataSection}.Reads` ? 'what it reads changed' : directive;
}

/** False for texts that differ only in what systemd passes over, or in order. */
export function isChanged(old: string | undefined, now: string): boolean {
  return old === undefined || changesBetween(parseUnit(old), parseUnit(now)).length > 0;
}
