/** Generations by number: arguments, and the history they are looked up in. */

import { TetraError, usage } from '../../lib/errors.js';
import type { LogRecord } from '../../lib/history.js';
import { envNameProblem } from '../../lib/names.js';
import type { OrgLayout } from '../../store/layout.js';
import { openLog, type PointerLog } from '../../store/log.js';
import { listHistories } from '../../store/verify.js';
import { unknownEnvironment } from './workspace.js';

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
export async function historyOf(org: OrgLayout, env: string): Promise<History> {
  if (env === 'local')
    throw new TetraError('unknown-environment', 'local.toml is the source itself, and has no generations', {
      hint: 'tsm org env list',
      facts: { env },
    });
  const named = envNameProblem(env) === null;
  const log = named ? await openLog(org, env) : undefined;
  const head = log?.head()?.record;
  if (log && head) return { log, head };
  const known = await knownEnvironments(org);
  if (!known.includes(env)) throw unknownEnvironment(env, known);
  throw new TetraError('no-history', `${org.name} ${env} was never promoted`, {
    hint: `tsm org promote @${env}`,
    facts: { org: org.name, env },
  });
}

/** Profiles, what has a history, and what local.toml adds, if it can be read. Loaded for an error only. */
async function knownEnvironments(org: OrgLayout): Promise<string[]> {
  const { environmentNames, profileNames, readSource } = await import('./source.js');
  const names = new Set([...profileNames, ...listHistories(org)]);
  try {
    for (const name of environmentNames(readSource(org).source)) names.add(name);
  } catch (error) {
    if (!(error instanceof TetraError)) throw error;
  }
  return [...names];
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
