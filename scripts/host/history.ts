/** The host's own log on its disk. */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { TetraError } from '../../lib/errors.js';
import { type Active, formatHostRecord, type HostRecord, parseHostRecord, recordRoom } from '../../lib/host/record.js';
import { makeFolder, namesIn, removeIfThere, syncFolder, writeNew } from '../../store/durable.js';
import type { EnvironmentLayout } from './layout.js';

/** The number of the newest record; 0 where nothing was ever activated. */
export function newestSeq(environment: EnvironmentLayout): number {
  const numbers = namesIn(environment.history).filter(name => /^\d{8,}$/.test(name));
  return Math.max(0, ...numbers.slice(-1).map(Number));
}

/** @throws log-damaged where it is not what was written. */
export function readRecord(environment: EnvironmentLayout, seq: number): { record: HostRecord; digest: string } {
  const path = environment.record(seq);
  const found = parseHostRecord(readFileSync(path, 'utf8'));
  if (found && found.record.seq === seq) return found;
  throw new TetraError('log-damaged', `${path} is not what was written`, { facts: { path } });
}

/** Newest first. */
export function* recordsOf(environment: EnvironmentLayout): Generator<HostRecord> {
  for (let seq = newestSeq(environment); seq > 0; seq--) yield readRecord(environment, seq).record;
}

/** What is active by the log; `null` where nothing is. */
export function activeOf(environment: EnvironmentLayout): Active | null {
  const seq = newestSeq(environment);
  return seq === 0 ? null : readRecord(environment, seq).record.active;
}

/** Takes the room that the next record will need. */
export function prepareRecord(environment: EnvironmentLayout) {
  makeFolder(environment.history);
  removeIfThere(environment.preparedRecord);
  writeNew([{ path: environment.preparedRecord, content: ' '.repeat(recordRoom), mode: 0o600 }]);
  syncFolder(environment.history);
}

/** Writes the record into the room taken for it; does nothing where somebody did so before and was killed afterwards. */
export function appendRecord(environment: EnvironmentLayout, record: Omit<HostRecord, 'previous'>) {
  if (newestSeq(environment) >= record.seq) return;
  const previous = record.seq === 1 ? undefined : readRecord(environment, record.seq - 1).digest;
  const descriptor = openSync(environment.preparedRecord, 'r+');
  try {
    writeSync(descriptor, formatHostRecord({ ...record, previous }), 0);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(environment.preparedRecord, environment.record(record.seq));
  syncFolder(environment.history);
}
