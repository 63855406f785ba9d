/**
 * What a running service makes of a changed line in its unit file. A daemon-reload replaces the definition that systemd
 * holds of a unit, and leaves its processes alone. So a line falls into one of these:
 *
 * - What systemd itself reads when something happens (a failure, a start, a look at the unit) has its effect at once.
 * - What shaped the processes when they began (their program, environment, limits, confinement) needs a restart. That
 *   goes for every line that is not named here as well.
 * - What ends them has its effect at once, too, and that is the trouble: processes that began beside the old lines would
 *   be ended by the new ones, since the old are forgotten. So they have to be stopped before the daemon-reload.
 * - How long ending may take was no part of the beginning. A new limit is right for the old processes, too, where it comes
 *   alone. Where the program changes with it, it was chosen for the new program, and the old one ends under the old limit.
 */

import { dataSection } from './unit.js';

export type Effect = 'none' | 'reads' | 'grace' | 'restart' | 'ending';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Relations to other units, conditions of a start, and what happens at the end: systemd.unit(5). */
const unitNone = words(`
  Description Documentation SourcePath DefaultDependencies
  Wants Requires Requisite Upholds Conflicts Before After BindsTo PartOf OnFailure OnSuccess OnFailureJobMode
  OnSuccessJobMode PropagatesReloadTo ReloadPropagatedFrom PropagatesStopTo StopPropagatedFrom RequiresMountsFor
  WantsMountsFor StopWhenUnneeded RefuseManualStart RefuseManualStop AllowIsolate IgnoreOnIsolate CollectMode
  StartLimitIntervalSec StartLimitBurst StartLimitAction FailureAction SuccessAction FailureActionExitStatus
  SuccessActionExitStatus RebootArgument JobTimeoutSec JobRunningTimeoutSec JobTimeoutAction JobTimeoutRebootArgument
`);

/** When and how it is started anew, and how it reads its settings again: systemd.service(5). */
const serviceNone = words(`
  Restart RestartSec RestartSteps RestartMaxDelaySec RestartMode RestartPreventExitStatus RestartForceExitStatus
  SuccessExitStatus TimeoutStartSec TimeoutStartFailureMode ExecReload
`);

/** systemd.service(5), systemd.kill(5). */
const serviceEnding = words(`
  ExecStop ExecStopPost KillMode KillSignal RestartKillSignal FinalKillSignal SendSIGHUP SendSIGKILL WatchdogSignal
`);

const serviceGrace = words('TimeoutStopSec TimeoutAbortSec TimeoutStopFailureMode TimeoutSec');

export function effectOf(section: string, name: string): Effect {
  if (section === dataSection) return name === 'Reads' ? 'reads' : 'none';
  if (section === 'Install') return 'none';
  if (section === 'Unit') return unitNone.has(name) || /^(Condition|Assert)[A-Z]/.test(name) ? 'none' : 'restart';
  if (section !== 'Service') return 'restart';
  if (serviceNone.has(name)) return 'none';
  if (serviceEnding.has(name)) return 'ending';
  return serviceGrace.has(name) ? 'grace' : 'restart';
}
