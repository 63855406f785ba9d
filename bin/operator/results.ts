/** What came of a delivery: as JSON, as words, as exit code. */

import { type ErrorCode, exitCodes } from '../../lib/errors.js';
import type { HostPlan } from '../../lib/host/activation.js';
import type { Json } from '../../lib/json.js';
import { printable } from '../../lib/text.js';
import type { HostResult } from '../../scripts/rollout.js';
import { isDone } from '../../scripts/rollout.js';
import type { Style } from '../cli/style.js';

/** The members `hosts` of activate, deploy and a rollback with --activate. */
export function hostsJson(results: readonly HostResult[]): Json {
  return results.map(({ host, outcome, generation, reason, held, hint, code, details, plan, digest }) => ({
    host,
    outcome,
    generation,
    reason,
    held,
    hint,
    code,
    details,
    plan: digest,
    planned: outcome === 'planned' && plan ? planJson(plan) : undefined,
  }));
}

function planJson({ units, files, firewall }: HostPlan): Json {
  return {
    units: units.map(unit => ({ ...unit })),
    files: files.map(file => ({ ...file })),
    firewall: { ...firewall },
  };
}

/** 0 where every host is where it should be. With one host its own outcome counts, with several that some are not there. */
export function exitOf(results: readonly HostResult[], hosts: number): number {
  if (results.length === hosts && results.every(isDone)) return 0;
  const [only] = results;
  if (hosts > 1 || !only) return exitCodes['hosts-behind'];
  if (only.outcome === 'reverted') return exitCodes.reverted;
  if (only.outcome === 'revert-failed' || only.outcome === 'confirmed') return exitCodes.failed;
  const code = only.code ?? 'refused';
  return code in exitCodes ? exitCodes[code as ErrorCode] : exitCodes.refused;
}

/** One line a host, for commands that show no progress. */
export function resultLines(results: readonly HostResult[], style: Style): string {
  return results
    .map(({ host, outcome, generation, reason, hint }) => {
      const word = ['confirmed', 'unchanged', 'shipped'].includes(outcome) ? style.green(outcome) : style.red(outcome);
      const at = generation === null ? '' : `, at generation ${generation}`;
      const why = reason === undefined ? '' : `: ${printable(reason)}`;
      return `${style.bold(host)}  ${word}${at}${why}\n${hint === undefined ? '' : `  ${style.cyan('->')} ${hint}\n`}`;
    })
    .join('');
}
