/** What must hold of a store, its logs and its pointers at every moment, whatever was killed. */

import { existsSync } from 'node:fs';
import type { LogRecord } from '../../lib/history.js';
import type { Layout } from '../../store/layout.js';
import { openLog } from '../../store/log.js';
import { readPointer } from '../../store/pointer.js';
import { listHistories, verify } from '../../store/verify.js';

export interface Histories {
  readonly [env: string]: readonly LogRecord[];
}

export async function historiesOf(layout: Layout, org: string): Promise<Histories> {
  const histories: Record<string, LogRecord[]> = {};
  for (const env of listHistories(layout.org(org))) {
    const log = await openLog(layout.org(org), env);
    histories[env] = [...log.newestFirst()].reverse();
  }
  return histories;
}

/**
 * 1. Every object is whole, every record is whole and chained, and what it names is in the store.
 * 2. Nothing of `before` is gone or changed: a history only grows.
 * 3. A pointer is a link to the bundle of some generation, or not there yet: never half, never elsewhere.
 *
 * The pointer may be a step behind the log; the next command mends it.
 */
export async function brokenInvariants(layout: Layout, org: string, before: Histories): Promise<string[]> {
  const broken: string[] = [];
  const { problems } = await verify(layout);
  for (const { path, problem } of problems)
    if (!/is stale|is missing; the next/.test(problem)) broken.push(`${path} ${problem}`);
  const after = await historiesOf(layout, org);
  for (const [env, records] of Object.entries(before)) {
    const kept = (after[env] ?? []).slice(0, records.length);
    if (JSON.stringify(kept) !== JSON.stringify(records)) broken.push(`the history of ${env} lost or changed a record`);
  }
  for (const [env, records] of Object.entries(after)) {
    const pointer = readPointer(layout.org(org), env);
    if (pointer.state === 'foreign') broken.push(`the pointer of ${env} leads elsewhere`);
    if (pointer.state !== 'link') continue;
    if (!records.some(record => record.bundle === pointer.bundle))
      broken.push(`the pointer of ${env} was never promoted`);
    if (!existsSync(layout.org(org).pointer(env))) broken.push(`the pointer of ${env} leads nowhere`);
  }
  return broken;
}
