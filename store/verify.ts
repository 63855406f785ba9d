/**
 * Is everything still what it was when it was written?
 *
 * 1. Every bundle by its own manifest, every derivation by its name.
 * 2. Every log: no gap, each record whole, each naming the one before it, generations growing by one.
 * 3. Every bundle and derivation that a record names is there.
 * 4. Every pointer is a link to what its log wants.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TetraError } from '../lib/errors.js';
import type { LogRecord } from '../lib/history.js';
import { parseStoreName } from '../lib/names.js';
import { bundleProblems, derivationProblems, hasObject, type ObjectProblem } from './bundles.js';
import { isTemporary, type Layout, type OrgLayout } from './layout.js';
import { openLog, type PointerLog } from './log.js';
import { listOrgs } from './orgs.js';
import { readPointer } from './pointer.js';

export interface Verification {
  /** Objects, records and pointers that were looked at. */
  readonly checked: number;
  readonly problems: readonly ObjectProblem[];
  /** Left by writers that were killed, or still under construction. They count for nothing. */
  readonly leftovers: readonly string[];
}

export async function verify(layout: Layout): Promise<Verification> {
  const problems: ObjectProblem[] = [];
  const leftovers: string[] = [];
  let checked = 0;
  for (const name of listObjects(layout)) {
    const path = layout.object(name);
    if (isTemporary(name)) leftovers.push(path);
    else {
      checked++;
      problems.push(...objectProblems(path, name));
    }
  }
  for (const name of listOrgs(layout)) {
    const org = layout.org(name);
    for (const env of listHistories(org)) {
      const log = await openLog(org.history(env));
      const found = logProblems(layout, log);
      checked += log.headSeq() + 1;
      problems.push(...found, ...(found.length === 0 ? pointerProblems(org, env, log) : []));
      for (const entry of readdirSync(org.history(env)))
        if (isTemporary(entry)) leftovers.push(join(org.history(env), entry));
    }
  }
  return { checked, problems, leftovers };
}

export function listObjects(layout: Layout): string[] {
  return existsSync(layout.store) ? readdirSync(layout.store).sort() : [];
}

/** The environments that have a history. */
export function listHistories(org: OrgLayout): string[] {
  if (!existsSync(org.histories)) return [];
  return readdirSync(org.histories, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
    .sort();
}

function objectProblems(path: string, name: string): ObjectProblem[] {
  if (parseStoreName(name)) return bundleProblems(path, name);
  if (name.endsWith('.drv')) return derivationProblems(path, name);
  return [{ path, problem: 'does not belong here' }];
}

function logProblems(layout: Layout, log: PointerLog): ObjectProblem[] {
  const problems: ObjectProblem[] = [];
  let previous: { record: LogRecord; digest: string } | null = null;
  for (let seq = 1; seq <= log.headSeq(); seq++) {
    const path = log.path(seq);
    const add = (problem: string) => problems.push({ path, problem });
    try {
      const { record, digest } = log.at(seq);
      if (previous && record.previous !== previous.digest) add('does not follow from the record before it');
      if (previous && record.generation !== previous.record.generation + 1) add('its generation does not follow');
      for (const name of [record.bundle, record.deriver])
        if (!hasObject(layout, name)) add(`names ${name}, which is not in the store`);
      previous = { record, digest };
    } catch (error) {
      if (!(error instanceof TetraError)) throw error;
      add(String(error.facts.problem));
      previous = null;
    }
  }
  return problems;
}

function pointerProblems(org: OrgLayout, env: string, log: PointerLog): ObjectProblem[] {
  const path = org.pointer(env);
  const pointer = readPointer(org, env);
  const wanted = log.head()?.record.bundle;
  if (pointer.state === 'foreign') return [{ path, problem: 'was edited or replaced by hand' }];
  if (pointer.state === 'missing')
    return [{ path, problem: 'is missing; the next promote or rollback makes it again' }];
  if (pointer.bundle === wanted) return [];
  return [{ path, problem: 'is stale; the next promote or rollback mends it' }];
}
