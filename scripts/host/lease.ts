/**
 * One piece of work at a time on a host, since systemd, the firewall and the store are shared by all environments. The
 * lease is a lock on an open file (flock(2)), so it ends with its holder, however that ends.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Verdict } from '../../lib/host/activation.js';
import { replaceLoosely } from '../../store/durable.js';
import type { HostLayout } from './layout.js';

/** Opening the file once more would be somebody else to the kernel. */
let isHeld = false;

/**
 * Takes the lease for the rest of this process, at once or within so many seconds. False where somebody else has it.
 * Node cannot lock, but flock(1) locks the open file that it is handed, and the lock stays with whoever has it open.
 */
export function takeLease({ lease }: HostLayout, wait = 0): boolean {
  if (isHeld) return true;
  const descriptor = openSync(lease, 'a', 0o600);
  const how = wait === 0 ? ['--nonblock'] : [`--timeout=${wait}`];
  const { status, error } = spawnSync('flock', [...how, '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
  // Where there is no flock there is no systemd either: a folder on somebody's laptop.
  isHeld = status === 0 || (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  if (!isHeld) closeSync(descriptor);
  return isHeld;
}

/** This very program, for this very host. */
export function commandOf(layout: HostLayout, verb: string, ...args: readonly string[]): string[] {
  if (layout.isLive) return [process.execPath, layout.program, verb, ...args];
  return [process.execPath, process.argv[1] as string, `--root=${layout.root}`, verb, ...args];
}

export interface Holder {
  readonly id: string;
  /** `activation of acme-prod, generation 7` */
  readonly purpose: string;
  readonly by: string;
  readonly since: string;
}

/** For people: the lock is what counts. */
export function writeHolder(layout: HostLayout, holder: Holder) {
  replaceLoosely(layout.leaseHolder, `${JSON.stringify(holder)}\n`);
}

export function readHolder(layout: HostLayout): Holder | null {
  try {
    return JSON.parse(readFileSync(layout.leaseHolder, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** The words for somebody who came second. */
export function leaseBusy(layout: HostLayout, reason?: string): Pick<Verdict, 'reason' | 'code' | 'hint'> {
  const holder = readHolder(layout);
  const who = holder ? `${holder.purpose} by ${holder.by}, since ${holder.since}` : 'something else is at work there';
  return { code: 'busy', reason: `${reason ?? 'the host is busy'}: ${who}`, hint: 'wait, then run the command again' };
}
