/** What we ask of systemd, by systemctl(1) and systemd-run(1). */

import { parseShow, type Sample, shownProperties } from '../../lib/host/health.js';
import { halt, linesOf, type Ran, run } from './system.js';

/** Longer than systemd's own time limits for a start after a stop, which are 90 s each (systemd-system.conf(5)). */
const jobTimeout = 240_000;

/**
 * What systemd says of each unit, by name. While the manager is being executed anew it answers nobody, and silence is not
 * taken for an answer: it is asked again. @throws where it does not answer at all.
 */
export function show(units: readonly string[]): ReadonlyMap<string, Sample> {
  if (units.length === 0) return new Map();
  const ask = () => run('systemctl', ['show', '--property', shownProperties.join(','), '--', ...units]);
  const ran = insist(ask, ({ code, stdout }) => code === 0 && parseShow(stdout).size >= new Set(units).size);
  if (ran.code !== 0) throw new Error(`systemd does not answer: ${ran.stderr.trim()}`);
  return parseShow(ran.stdout);
}

/** Runs it again until it is good, for up to six seconds: longer than a daemon-reexec takes. */
function insist(attempt: () => Ran, isGood: (ran: Ran) => boolean = ({ code }) => code === 0): Ran {
  let ran = attempt();
  for (let n = 1; !isGood(ran) && n <= 20; n++) {
    halt(300);
    ran = attempt();
  }
  return ran;
}

/** Runs the jobs and waits for them. A failed job is told by its exit code, the state of the units is the truth. */
export function jobs(verb: 'start' | 'stop' | 'restart' | 'reload', units: readonly string[]): Ran {
  if (units.length === 0) return { code: 0, stdout: '', stderr: '' };
  return run('systemctl', [verb, '--', ...units], { timeout: jobTimeout });
}

/** Queues the jobs for later; what can be said of them is in the journal. */
export function queue(verb: 'start' | 'stop' | 'kill', units: readonly string[]) {
  if (units.length === 0) return;
  const how = verb === 'kill' ? ['kill', '--signal=KILL'] : [verb, '--no-block'];
  run('systemctl', [...how, '--', ...units]);
}

/** Can be repeated, and so is, where the manager was just being executed anew. */
export function daemonReload(): Ran {
  return insist(() => run('systemctl', ['daemon-reload']));
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
    '--property=TimeoutStopSec=30min',
    `--property=ExecStopPost=${after.join(' ')}`,
    ...(limit === undefined ? [] : [`--property=RuntimeMaxSec=${limit}`]),
    '--',
    ...command,
  ]);
}

/**
 * The last lines of a unit since the given moment (seconds since the epoch), without what systemd says of each start.
 * As many as hold the whole trace of an uncaught error: what went wrong stands in its first line.
 */
export function journalOf(unit: string, since: number, lines = 15): string[] {
  const asked = ['--unit', unit, `--since=@${Math.floor(since)}`, '--lines=50', '--output=cat', '--quiet'];
  const { stdout } = run('journalctl', ['--no-pager', ...asked], { timeout: 5000 });
  const said = linesOf(stdout).filter(line => !/^(Start|Stopp)(ing|ed) |: Deactivated successfully\.$/.test(line));
  return said.slice(-lines);
}
