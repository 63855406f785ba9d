/** Locks that the kernel takes back when their holder ends (flock(2)). */

import { once } from 'node:events';
import { startKept } from './commands.js';

export interface Lock {
  /** The process that holds the lock: it ends with this one, and has a mount namespace of its own (unshare(1)). */
  readonly pid: number;
  release(): Promise<void>;
}

/** Takes a lock; `null` where another process has it. */
export function tryLock(path: string): Promise<Lock | null> {
  return startHolder(['flock', '--no-fork', '--nonblock', path]);
}

/** Takes a lock as soon as no other process has it. */
export async function waitForLock(path: string): Promise<Lock> {
  const lock = await startHolder(['flock', '--no-fork', path]);
  if (!lock) throw new Error(`flock cannot lock ${path}`);
  return lock;
}

async function startHolder(flock: readonly string[]): Promise<Lock | null> {
  const hold = ['unshare', '--mount', 'sh', '-c', 'echo; exec sleep infinity'];
  const child = startKept([...flock, ...hold], ['ignore', 'pipe', 'inherit']);
  const ended = once(child, 'exit');
  const isHeld = await Promise.race([
    once(child.stdout as NodeJS.EventEmitter, 'data').then(() => true),
    ended.then(() => false),
  ]);
  if (!isHeld) return null;
  child.stdout?.destroy();
  child.unref();
  const release = async () => {
    child.ref();
    child.kill('SIGKILL');
    await ended;
  };
  return { pid: child.pid as number, release };
}
