/** The pointer log as facts: what a record says, and which generation a rollback goes back to. */

import type { Json } from './json.js';

export const logFormat = 1;

/** One step of an environment's history. Stored as canonical JSON; absent members are left out. */
export interface LogRecord {
  readonly format: number;
  /** Position in the log, from 1, without gaps. */
  readonly seq: number;
  readonly action: 'promote' | 'rollback' | 'verdict';
  /** Grows by one with each promote and rollback, and is never used again. A verdict takes none. */
  readonly generation: number;
  /** Store name of the bundle that is wanted from here on. */
  readonly bundle: string;
  /** Store name of the derivation that made it: `<digest>.drv`. */
  readonly deriver: string;
  /** A rollback's older generation; the one that a verdict is about. */
  readonly of?: number;
  /** A verdict's host, and what became of the generation there. */
  readonly host?: string;
  readonly outcome?: 'confirmed' | 'reverted' | 'revert-failed';
  /** The generation whose source a promote took instead of local.toml: `staging:3`. */
  readonly from?: string;
  /** UTC, ISO 8601 with milliseconds. */
  readonly at: string;
  /** `user@host`. */
  readonly by: string;
  /** Commit of the git repository that holds local.toml, if one does, and whether local.toml differed from it. */
  readonly commit?: string;
  readonly dirty?: boolean;
  readonly message?: string;
  /** Names of the rules that this generation waives. */
  readonly accepted?: readonly string[];
  /** SHA-256 of the file of the record before, so that a rewritten history shows. */
  readonly previous?: string;
}

export type ReadGeneration = (generation: number) => LogRecord | undefined;

/**
 * What was wanted before `current`. A rollback stands for the generation it went back to, so going back again goes
 * further back, never to what was just left.
 */
export function wantedBefore(current: LogRecord, read: ReadGeneration): LogRecord | undefined {
  const origin = originOf(current, read);
  if (!origin) return undefined;
  for (let generation = origin.generation - 1; generation > 0; generation--) {
    const record = read(generation);
    if (record && record.bundle !== current.bundle) return record;
  }
  return undefined;
}

/**
 * The newest generation before `current` that stood on a host, by its verdicts; `undefined` where none did. `newestFirst`
 * are all records. As with `wantedBefore`, a rollback stands for the generation it went back to.
 */
export function confirmedBefore(
  current: LogRecord,
  newestFirst: Iterable<LogRecord>,
  read: ReadGeneration,
): LogRecord | undefined {
  const origin = originOf(current, read);
  if (!origin) return undefined;
  const stood = new Set<number>();
  for (const record of newestFirst) {
    if (record.action === 'verdict') {
      if (record.outcome === 'confirmed' && record.of !== undefined) stood.add(record.of);
    } else if (record.generation < origin.generation && stood.has(record.generation)) {
      if (record.bundle !== current.bundle) return record;
    }
  }
  return undefined;
}

function originOf(record: LogRecord, read: ReadGeneration): LogRecord | undefined {
  let origin: LogRecord | undefined = record;
  while (origin?.action === 'rollback') origin = origin.of === undefined ? undefined : read(origin.of);
  return origin;
}

/** True where the bundle is one that the rollbacks before now have left. */
export function bringsBack(bundle: string, head: LogRecord, read: ReadGeneration): boolean {
  for (let at: LogRecord | undefined = head; at?.action === 'rollback'; ) {
    at = read(at.generation - 1);
    if (at?.bundle === bundle) return true;
  }
  return false;
}

/** Checks the shape of what was read; the checksum has already said that it is what was written. */
export function isLogRecord(value: Json): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const record = value as Readonly<Record<string, unknown>>;
  return (
    record.format === logFormat &&
    Number.isSafeInteger(record.seq) &&
    Number.isSafeInteger(record.generation) &&
    ['promote', 'rollback', 'verdict'].includes(record.action as string) &&
    ['bundle', 'deriver', 'at', 'by'].every(name => typeof record[name] === 'string')
  );
}
