/**
 * Moving an environment to another bundle: decide on the newest record, append behind it, follow with the pointer.
 * Where another process appends first, the decision is made anew on its record, as if we had come a moment later.
 */

import { TetraError } from '../lib/errors.js';
import type { LogRecord } from '../lib/history.js';
import type { Layout, OrgLayout } from './layout.js';
import { type LogEntry, type LogHead, openLog, type PointerLog } from './log.js';
import { follow, readPointer } from './pointer.js';

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

/** @throws busy, or pointer-behind where the record is written but the pointer could not be moved. */
export async function move(layout: Layout, org: OrgLayout, env: string, decide: Decide): Promise<Move> {
  const log = await openLog(org, env);
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const head = log.head();
    if (head === null) expectNoHistory(org, env);
    const entry = decide(head, log);
    const record = entry ? log.append(entry, head) : (head as LogHead).record;
    if (record) {
      followRecord(layout, org, env, log, record);
      return { record, before: entry ? head?.record : undefined, moved: entry !== null };
    }
    // Waiting longer and longer, and never in step with the others.
    await pause(Math.random() * Math.min(50, attempt * 2));
  }
  throw new TetraError('busy', `${env} is being promoted by others all the time`, { hint: 'run the command again' });
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** A link without a history means that the history was lost: a new one would use its numbers a second time. */
export function expectNoHistory(org: OrgLayout, env: string) {
  if (readPointer(org, env).state !== 'link') return;
  const path = org.pointer(env);
  throw new TetraError('log-damaged', `${path} leads into the store, but the history of ${env} is gone`, {
    hint: `bring back ${org.history(env)}; or rm ${path}, and the numbers begin at 1 again`,
    facts: { path, env },
  });
}

function followRecord(layout: Layout, org: OrgLayout, env: string, log: PointerLog, record: LogRecord) {
  try {
    follow(layout, org, env, () => log.head()?.record.bundle ?? null);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof TetraError || !code) throw error;
    throw new TetraError(
      'pointer-behind',
      `generation ${record.generation} of ${env} is in the history, but ${org.pointer(env)} could not be moved to it (${code})`,
      {
        hint: 'mend what stopped it, then run the same command again',
        facts: { env, generation: record.generation, errno: code },
      },
    );
  }
}
