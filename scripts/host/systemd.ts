/** What we ask of systemd, by systemctl(1) and systemd-run(1). */

import { shownProperties } from '../../lib/host/health.js';
import { linesOf, type Ran, run } from './system.js';

/** Longer than systemd's own time limits for a start after a stop, which are 90 s each (systemd-system.conf(5)). */
const jobTimeout = 240_000;

/** Blocks of `Name=value` lines, one a unit, with blank lines between them. */
export function show(units: readonly string[]): string {
  if (units.length === 0) return '';
  return run('systemctl', ['show', '--property', shownProperties.join(','), '--', ...units]).stdout;
}

/** Runs the jobs and waits for them. A failed job is told by its exit code, the state of the units is the truth. */
export function jobs(
  verb: 'start' | 'stop' | 'restart' | 'reload' | 'reload-or-restart',
  units: readonly string[],
): Ran {
  if (units.length === 0) return { code: 0, stdout: '', stderr: '' };
  return run('systemctl', [verb, '--', ...units], { timeout: jobTimeout });
}

/** Queues the jobs for later; what can be said of them is in the journal. */
export function queue(verb: 'start' | 'stop' | 'kill', units: readonly string[]) {
  if (units.length === 0) return;
  const how = verb === 'kill' ? ['kill', '--signal=KILL'] : [verb, '--no-block'];
  run('systemctl', [...how, '--', ...units]);
}

/** While the manager itself is being executed anew, it answers nobody: that is no verdict, so it is asked again. */
export function daemonReload(): Ran {
  let ran = run('systemctl', ['daemon-reload']);
  for (let attempt = 1; ran.code !== 0 && attempt <= 10; attempt++) {
    run('sleep', ['0.3']);
    ran = run('systemctl', ['daemon-reload']);
  }
  return ran;
}

export function isActive(unit: string): boolean {
  return /^(active|activating|reloading|deactivating)$/m.test(run('systemctl', ['is-active', '--', unit]).stdout);
}

/** Whether a unit's command has the word in it. */
export function isStartedAs(unit: string, word: string): boolean {
  return run('systemctl', ['show', '--property=ExecStart', '--', unit]).stdout.includes(` ${word} `);
}

export interface Transient {
  readonly unit: string;
  readonly description: string;
  readonly command: readonly string[];
  /**
   * What is run when the command is over, however it ended. Without `;` and `$`: systemd 252 writes them down with a
   * backslash, which it does not understand itself when it reads its units again (daemon-reload).
   */
  readonly after: readonly string[];
  /** Seconds until the command is ended. */
  readonly limit?: number;
}

/**
 * Starts a unit that outlives whoever asks for it. A service with RuntimeMaxSec=, since the countdown of a transient
 * timer starts anew with each daemon-reload.
 */
export function startTransient({ unit, description, command, after, limit }: Transient): Ran {
  return run('systemd-run', [
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    `--description=${description}`,
    '--property=IgnoreOnIsolate=yes',
    '--property=OOMScoreAdjust=-900',
    '--property=TimeoutStopSec=10min',
    `--property=ExecStopPost=${after.join(' ')}`,
    ...(limit === undefined ? [] : [`--property=RuntimeMaxSec=${limit}`]),
    '--',
    ...command,
  ]);
}

/** The last lines of a unit since the given moment (seconds since the epoch), without what systemd says of each start. */
export function journalOf(unit: string, since: number, lines = 5): string[] {
  const asked = ['--unit', unit, `--since=@${Math.floor(since)}`, '--lines=50', '--output=cat', '--quiet'];
  const { stdout } = run('journalctl', ['--no-pager', ...asked], { timeout: 5000 });
  const said = linesOf(stdout).filter(line => !/^(Start|Stopp)(ing|ed) |: Deactivated successfully\.$/.test(line));
  return said.slice(-lines);
}
