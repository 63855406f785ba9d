/**
 * Is everything still what it was when it was written?
 *
 * 1. Every bundle by its own manifest, every derivation by its name.
 * 2. Every log: no gap, each record whole and of this environment, each naming the one before it, generations growing.
 * 3. Every bundle and derivation that a record names is there.
 * 4. Every pointer is a link to what its log wants.
 */

import { TetraError } from '../lib/errors.js';
import type { LogRecord } from '../lib/history.js';
import { envNameProblem, parseStoreName } from '../lib/names.js';
import { bundleProblems, derivationProblems, hasObject, type ObjectProblem } from './bundles.js';
import { namesIn } from './durable.js';
import { isTemporary, type Layout, type OrgLayout } from './layout.js';
import { openLog, type PointerLog } from './log.js';
import { listOrgs } from './orgs.js';
import { pointerTarget, readPointer } from './pointer.js';

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
      problems.push(...readable(path, () => objectProblems(path, name)));
    }
  }
  for (const name of listOrgs(layout)) {
    const org = layout.org(name);
    for (const folder of [org.environments, ...listHistories(org).map(env => org.history(env))])
      leftovers.push(
        ...namesIn(folder)
          .filter(isTemporary)
          .map(entry => `${folder}/${entry}`),
      );
    for (const env of listEnvironments(org)) {
      const log = await openLog(org, env);
      const newest = log.newestInFolder();
      checked += newest + 1;
      const found = logProblems(layout, log, newest);
      problems.push(...found, ...(found.length === 0 ? pointerProblems(layout, org, env, log) : []));
    }
  }
  return { checked, problems, leftovers };
}

export function listObjects(layout: Layout): string[] {
  return namesIn(layout.store);
}

/** The environments that have a history. */
export function listHistories(org: OrgLayout): string[] {
  return namesIn(org.histories).filter(
    name => envNameProblem(name) === null && namesIn(org.history(name)).some(entry => !isTemporary(entry)),
  );
}

/** Those, and the ones that have a link where a history should be. */
function listEnvironments(org: OrgLayout): string[] {
  const pointed = namesIn(org.environments)
    .filter(name => name.endsWith('.toml'))
    .map(name => name.slice(0, -'.toml'.length))
    .filter(env => envNameProblem(env) === null && readPointer(org, env).state === 'link');
  return [...new Set([...listHistories(org), ...pointed])].sort();
}

function objectProblems(path: string, name: string): ObjectProblem[] {
  if (parseStoreName(name)) return bundleProblems(path, name);
  if (name.endsWith('.drv')) return derivationProblems(path, name);
  return [{ path, problem: 'does not belong here' }];
}

/** What cannot be read is a problem of its own, and no reason to look at nothing else. */
function readable(path: string, look: () => ObjectProblem[]): ObjectProblem[] {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code || error instanceof TetraError) throw error;
    return [{ path, problem: `cannot be read (${code})` }];
  }
}

function logProblems(layout: Layout, log: PointerLog, newest: number): ObjectProblem[] {
  const problems: ObjectProblem[] = [];
  let previous: { record: LogRecord; digest: string } | null = null;
  for (let seq = 1; seq <= newest; seq++) {
    const path = log.path(seq);
    const add = (problem: string) => problems.push({ path, problem });
    try {
      const { record, digest } = log.at(seq);
      if (previous && record.previous !== previous.digest) add('does not follow from the record before it');
      const step = record.action === 'verdict' ? 0 : 1;
      if (previous && record.generation !== previous.record.generation + step) add('its generation does not follow');
      for (const name of [record.bundle, record.deriver])
        if (!hasObject(layout, name)) add(`names ${name}, which is not in the store`);
      previous = { record, digest };
    } catch (error) {
      if (!(error instanceof TetraError)) throw error;
      add(String(error.facts.problem));
      previous = null;
    }
  }
  return [...problems, ...headProblems(log)];
}

/** The hint may lag behind; that it is ahead proves that a record was lost. */
function headProblems(log: PointerLog): ObjectProblem[] {
  try {
    log.headSeq();
    return [];
  } catch (error) {
    if (!(error instanceof TetraError)) throw error;
    return [{ path: String(error.facts.path), problem: String(error.facts.problem) }];
  }
}

function pointerProblems(layout: Layout, org: OrgLayout, env: string, log: PointerLog): ObjectProblem[] {
  const path = org.pointer(env);
  const pointer = readPointer(org, env);
  const wanted = log.head()?.record.bundle;
  if (wanted === undefined)
    return pointer.state === 'link' ? [{ path, problem: 'leads into the store, but its history is gone' }] : [];
  if (pointer.state === 'foreign') return [{ path, problem: 'was edited or replaced by hand' }];
  if (pointer.state === 'missing')
    return [{ path, problem: 'is missing; the next promote or rollback makes it again' }];
  if (pointer.target === pointerTarget(layout, org, wanted)) return [];
  return [{ path, problem: 'is stale; the next promote or rollback mends it' }];
}
