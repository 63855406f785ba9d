/**
 * An activation that is not decided yet, as a file. Whoever decides it takes the file by renaming it, which succeeds
 * for exactly one: the activation itself, the deadline, the crash of the activation, or the boot of the host.
 */

import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { UnitStep, UnitVerb } from '../../lib/host/plan.js';
import type { Active } from '../../lib/host/record.js';
import { isErrno, removeIfThere, syncFolder, writeNew } from '../../store/durable.js';
import type { EnvironmentLayout } from './layout.js';
import type { Swap } from './swap.js';

export interface Pending {
  readonly id: string;
  readonly org: string;
  readonly env: string;
  readonly by: string;
  readonly connection: string | null;
  /** UTC, ISO 8601. */
  readonly since: string;
  readonly from: Active | null;
  readonly to: Active;
  readonly swaps: readonly Swap[];
  readonly units: readonly PendingUnit[];
  /** Whether the rules have to be loaded, there and back; the file they are in is among the swaps. */
  readonly firewall: boolean;
  /** The number of the record that says what came of it. */
  readonly seq: number;
  readonly noRevert?: string;
  readonly noGuard?: string;
}

/** A unit that the activation touches, and what it was before. */
export interface PendingUnit extends UnitStep {
  readonly wasRunning: boolean;
  /** Whatever it does now, it did not work before either. */
  readonly failedBefore: boolean;
  /** Changes whenever the unit is started anew; empty where it was not running. */
  readonly invocation: string;
}

export type PendingState = 'pending' | 'reverting' | 'confirmed';

const states: readonly PendingState[] = ['reverting', 'confirmed', 'pending'];

/** The write boundary: from here on the activation is decided by whoever takes this file. */
export function writePending(environment: EnvironmentLayout, pending: Pending) {
  // Staged with the rest: what a killed activation leaves of it goes with that.
  const temporary = join(environment.stage, 'pending');
  writeNew([{ path: temporary, content: `${JSON.stringify(pending)}\n`, mode: 0o600 }]);
  renameSync(temporary, environment.pending);
  syncFolder(environment.root);
}

/** What is under way, and who has taken it; `null` where nothing is. */
export function readPending(environment: EnvironmentLayout): { state: PendingState; pending: Pending } | null {
  // Taken ones first: a rename between two looks must not hide it.
  for (const state of [...states, ...states]) {
    try {
      return { state, pending: JSON.parse(readFileSync(environment[state], 'utf8')) as Pending };
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
  return null;
}

/** True for the one caller who takes it. Durable before anybody acts on it. */
export function takePending(environment: EnvironmentLayout, state: 'reverting' | 'confirmed'): boolean {
  try {
    renameSync(environment.pending, environment[state]);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
  syncFolder(environment.root);
  return true;
}

/** The last thing of all, when everything it stood for is durable. */
export function closePending(environment: EnvironmentLayout) {
  for (const state of states) removeIfThere(environment[state]);
  syncFolder(environment.root);
}

/** Names of the units with one of these verbs. */
export function unitsWith(units: readonly PendingUnit[], ...verbs: readonly UnitVerb[]): string[] {
  return units.filter(unit => verbs.includes(unit.verb)).map(unit => unit.unit);
}
