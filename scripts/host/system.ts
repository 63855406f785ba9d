/** Programs of the host, run to their end. */

import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../../store/durable.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** Milliseconds; the program is killed after it. Default: two minutes, so that nothing hangs for ever. */
  readonly timeout?: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** The exit code of a program that could not be run, that of a shell. */
export const notFound = 127;

export function run(program: string, args: readonly string[], options: RunOptions = {}): Ran {
  const settings = { input: options.input ?? '', ...settingsFor(options) };
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, settings);
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT')
    return { code: notFound, stdout: '', stderr: `${program}: not found` };
  const code = status ?? (signal ? 128 : notFound);
  return { code, stdout: stdout ?? '', stderr: stderr || (error ? `${program}: ${error.message}` : '') };
}

/** The same without waiting for its end, so that several can run beside each other. */
export function runBeside(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise(resolve => {
    const child = execFile(program, args, settingsFor(options), (error, stdout, stderr) => {
      if (child.pid !== undefined) return resolve({ code: child.exitCode ?? 128, stdout, stderr });
      const why = isErrno(error, 'ENOENT') ? 'not found' : error?.message;
      resolve({ code: notFound, stdout: '', stderr: `${program}: ${why}` });
    });
    // A program may end without reading what it is given.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

function settingsFor({ timeout = 120_000, cwd, env = process.env }: RunOptions) {
  return {
    encoding: 'utf8',
    timeout,
    cwd,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...env, LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' },
  } as const;
}

/** Waits without giving way to anything else, as `run` does. */
export function halt(ms: number) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Looked for as execvp(3) does. */
export function hasProgram(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some(folder => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Lines that say something, without the white space around them. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
}
