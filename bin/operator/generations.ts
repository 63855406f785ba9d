/** Generations by number: arguments, and the history they are looked up in. */

import { TetraError, usage } from '../../lib/errors.js';
import type { LogRecord } from '../../lib/history.js';
import { profiles } from '../../profiles/index.js';
import { openLog, type PointerLog } from '../../store/log.js';
import { listHistories } from '../../store/verify.js';
import { checkEnvName, type Org, unknownEnvironment } from './workspace.js';

/** @throws usage where the word is not the number of a generation. */
export function generationArgument(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  throw usage(`a generation is a number, not ${JSON.stringify(word)}`, 'tsm org history @ENV');
}

export interface History {
  readonly log: PointerLog;
  readonly head: LogRecord;
}

/** @throws no-history where the environment was never promoted, unknown-environment where it cannot be. */
export async function historyOf(org: Org, env: string): Promise<History> {
  const known = listHistories(org.layout);
  const names = [...Object.keys(profiles), ...known];
  checkEnvName(env, names);
  const log = await openLog(org.layout.history(env));
  const head = log.head()?.record;
  if (head) return { log, head };
  if (known.length > 0 && !Object.hasOwn(profiles, env)) throw unknownEnvironment(env, names);
  throw new TetraError('no-history', `${org.name} ${env} was never promoted`, {
    hint: `tsm org promote @${env}`,
    facts: { org: org.name, env },
  });
}

/** @throws unknown-generation, naming the newest. */
export function generationOf(log: PointerLog, head: LogRecord, env: string, generation: number): LogRecord {
  const record = log.generation(generation);
  if (record) return record;
  throw new TetraError(
    'unknown-generation',
    `${env} has no generation ${generation}; the newest is ${head.generation}`,
    {
      hint: `tsm org history @${env}`,
      facts: { env, generation, newest: head.generation },
    },
  );
}
