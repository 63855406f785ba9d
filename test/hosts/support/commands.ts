/** Commands of this machine, and processes that end with this one. */

import { type ChildProcess, execFile, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemPath } from '../../support/needs.js';
import type { Ran } from '../../support/sandbox.js';

const env = { ...process.env, PATH: systemPath.join(':'), LC_ALL: 'C.UTF-8' };

export interface RunOptions {
  readonly input?: string;
  /** Seconds; then the command is killed, and its code is `null`. Five minutes where nothing is said. */
  readonly timeout?: number;
}

/** Runs a command; what its exit code means is for the caller to judge. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input = '', timeout = 300 } = options;
  return new Promise((resolve, reject) => {
    const limits = { env, maxBuffer: 64 << 20, timeout: timeout * 1000, killSignal: 'SIGKILL' } as const;
    const child = execFile(command, args, limits, (error, stdout, stderr) => {
      if (child.pid === undefined) reject(error);
      else resolve({ code: child.exitCode, stdout, stderr });
    });
    // A command may end without reading what it is given.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Runs a command that has to succeed; its stdout. */
export async function output(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await run(command, args, options);
  if (ran.code !== 0) throw failure([command, ...args].join(' '), ran);
  return ran.stdout;
}

/** Runs a command that may fail, where nothing can be awaited. */
export function runAtExit(command: string, args: readonly string[]) {
  spawnSync(command, args, { env, stdio: 'ignore' });
}

export function failure(command: string, { code, stdout, stderr }: Ran): Error {
  return new Error(`${command}: ${code === null ? 'killed' : `exit ${code}`}\n${lastLines(stdout + stderr)}`);
}

export function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-15).join('\n');
}

/** Waits until something holds, at most so many seconds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; !(await holds()); await sleep(10))
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
}

/**
 * Starts a process that the kernel kills when this one ends, however that comes about (PR_SET_PDEATHSIG of prctl(2)).
 * In a session of its own, so that Ctrl-C does not end it before that.
 */
export function startKept(command: readonly string[], stdio: StdioOptions): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { env, cwd: '/', detached: true, stdio });
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
