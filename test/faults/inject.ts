/** Runs the real command under strace(1), which makes its n-th call of one name fail or kills it just before. */

import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { edit, Sandbox, tsmPath, withSetting } from '../support/sandbox.js';
import { historiesOf } from './state.js';

export interface Scenario {
  readonly title: string;
  /** Makes the state before. */
  readonly prepare: (box: Sandbox) => void;
  readonly command: readonly string[];
  /** What the user would do next; it has to succeed. */
  readonly next: readonly string[];
}

const changed = (box: Sandbox) => edit(box.layout.org('acme').source, text => withSetting(text, 1));

export const scenarios: readonly Scenario[] = [
  {
    title: 'init',
    prepare: () => {},
    command: ['org', 'init', 'acme'],
    next: ['org', 'promote', '@dev'],
  },
  {
    title: 'the first promote',
    prepare: box => void box.org('acme'),
    command: ['org', 'promote', '@dev'],
    next: ['org', 'promote', '@dev'],
  },
  {
    title: 'a later promote',
    prepare: box => {
      box.org('acme');
      box.run('org', 'promote', '@dev');
      changed(box);
    },
    command: ['org', 'promote', '@dev'],
    next: ['org', 'promote', '@dev'],
  },
  {
    title: 'rollback',
    prepare: box => {
      box.org('acme');
      box.run('org', 'promote', '@dev');
      changed(box);
      box.run('org', 'promote', '@dev');
    },
    command: ['org', 'rollback', '@dev', '1'],
    next: ['org', 'rollback', '@dev', '1'],
  },
];

export interface Injected {
  /** False where the command makes fewer such calls. */
  readonly reached: boolean;
  readonly code: number | null;
  readonly stderr: string;
}

/** `effect` as strace's inject= has it: `signal=KILL`, `error=ENOSPC`. */
export function runInjected(
  box: Sandbox,
  command: readonly string[],
  call: string,
  n: number,
  effect: string,
): Injected {
  const options = { env: box.environment(), cwd: box.home };
  return injected([process.execPath, tsmPath, ...command], options, call, n, effect);
}

/** The same for any program. */
export function injected(
  words: readonly string[],
  options: SpawnSyncOptions,
  call: string,
  n: number,
  effect: string,
): Injected {
  const folder = mkdtempSync(join(tmpdir(), 'tetra-trace-'));
  const trace = join(folder, 'log');
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:${effect}:when=${n}`];
  const { status, stderr, error } = spawnSync('strace', ['-f', '-qq', '-o', trace, ...inject, ...words], {
    ...options,
    encoding: 'utf8',
  });
  if (error) throw error;
  const reached = existsSync(trace) && /\(INJECTED\)|killed by SIGKILL/.test(readFileSync(trace, 'utf8'));
  rmSync(folder, { recursive: true });
  return { reached, code: status, stderr };
}

export function copyOf(original: Sandbox): Sandbox {
  const box = new Sandbox();
  cpSync(original.home, box.home, { recursive: true, verbatimSymlinks: true, force: true });
  return box;
}

export type Moment = 'before' | 'between' | 'after';

/** When the command was stopped: with nothing on disk yet, with something, or with its last word in the log. */
export async function momentOf(original: Sandbox, box: Sandbox): Promise<Moment> {
  const [old, now] = [await recordsIn(original), await recordsIn(box)];
  const isMade = (of: Sandbox) => existsSync(of.layout.org('acme').source);
  if (now > old || isMade(box) !== isMade(original)) return 'after';
  return namesIn(original) === namesIn(box) ? 'before' : 'between';
}

async function recordsIn(box: Sandbox): Promise<number> {
  const histories = await historiesOf(box.layout, 'acme');
  return Object.values(histories).reduce((sum, records) => sum + records.length, 0);
}

function namesIn(box: Sandbox): string {
  if (!existsSync(box.root)) return '';
  return readdirSync(box.root, { recursive: true, encoding: 'utf8' }).sort().join('\n');
}
