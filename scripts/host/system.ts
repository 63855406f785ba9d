/** Programs of the host, run to their end. */

import { spawnSync } from 'node:child_process';

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
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    input: options.input ?? '',
    encoding: 'utf8',
    timeout: options.timeout ?? 120_000,
    cwd: options.cwd,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...(options.env ?? process.env), LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' },
  });
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT')
    return { code: notFound, stdout: '', stderr: `${program}: not found` };
  const code = status ?? (signal ? 128 : notFound);
  return { code, stdout: stdout ?? '', stderr: stderr || (error ? `${program}: ${error.message}` : '') };
}

export function hasProgram(program: string): boolean {
  return run('sh', ['-c', `command -v ${program}`]).code === 0;
}

/** Lines that say something, without the white space around them. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
}
