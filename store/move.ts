/**
 * Moving an environment to another bundle: decide on the newest record, append behind it, follow with the pointer.
 * Where another process appends first, the decision is made anew on its record, as if we had come a moment later.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { TetraError } from '../lib/errors.js';
import type { LogRecord } from '../lib/history.js';
import type { Layout, OrgLayout } from './layout.js';
import { type LogEntry, type LogHead, openLog, type PointerLog } from './log.js';
import { follow } from './pointer.js';

export interface Move {
  /** The newest record afterwards. */
  readonly record: LogRecord;
  /** What was wanted before; absent for the first generation and where nothing moved. */
  readonly before?: LogRecord;
  readonly moved: boolean;
}

/** Says what to append, or `null` where the environment already is where it should be. */
export type Decide = (head: LogHead | null, log: PointerLog) => LogEntry | null;

const attempts = 100;

export async function move(layout: Layout, org: OrgLayout, env: string, decide: Decide): Promise<Move> {
  const log = await openLog(org.history(env));
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const head = log.head();
    const entry = decide(head, log);
    const record = entry ? log.append(entry, head) : (head as LogHead).record;
    if (record) {
      follow(layout, org, env, () => log.head()?.record.bundle ?? null);
      return { record, before: entry ? head?.record : undefined, moved: entry !== null };
    }
    // Waiting longer and longer, and never in step with the others.
    await sleep(Math.random() * Math.min(50, attempt * 2));
  }
  throw new TetraError('busy', `${env} is being promoted by others all the time`, { hint: 'run the command again' });
}
