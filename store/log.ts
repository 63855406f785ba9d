/**
 * The pointer log of one environment: append-only, one file a record, named by its number. Appending is a
 * compare-and-swap: the record is written whole under a temporary name and then linked to the next number, which
 * succeeds for exactly one process. There is no lock that a killed process could leave behind.
 */

import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import xxhash from 'xxhash-wasm';
import { sha256 } from '../lib/digest.js';
import { TetraError } from '../lib/errors.js';
import { isLogRecord, type LogRecord, logFormat } from '../lib/history.js';
import { canonicalJson, type Json } from '../lib/json.js';
import { isErrno, publishNew, replaceLoosely, syncFolder } from './durable.js';
import { headName, isTemporary, recordName } from './layout.js';

export interface LogHead {
  readonly record: LogRecord;
  /** SHA-256 of the record's file: what the next record names as `previous`. */
  readonly digest: string;
}

/** What the writer says; the log adds the rest. */
export type LogEntry = Omit<LogRecord, 'format' | 'seq' | 'generation' | 'previous'>;

export async function openLog(folder: string): Promise<PointerLog> {
  const { h64ToString } = await xxhash();
  return new PointerLog(folder, h64ToString);
}

export class PointerLog {
  constructor(
    private readonly folder: string,
    private readonly checksum: (text: string) => string,
  ) {}

  /** The newest record; `null` where nothing was ever promoted. */
  head(): LogHead | null {
    const seq = this.headSeq();
    return seq === 0 ? null : this.at(seq);
  }

  /**
   * Appends behind `head`. `null` where another process was faster: read the head again and decide anew.
   */
  append(entry: LogEntry, head: LogHead | null): LogRecord | null {
    const record: LogRecord = {
      ...entry,
      format: logFormat,
      seq: (head?.record.seq ?? 0) + 1,
      generation: (head?.record.generation ?? 0) + 1,
      previous: head?.digest,
    };
    if (head === null && mkdirSync(this.folder, { recursive: true })) syncFolder(dirname(this.folder));
    const path = this.path(record.seq);
    if (existsSync(path) || !publishNew(path, this.format(record), 0o444)) return null;
    syncFolder(this.folder);
    replaceLoosely(join(this.folder, headName), `${record.seq}\n`);
    return record;
  }

  /** Newest first, without end but the first record's. */
  *newestFirst(): Generator<LogRecord> {
    for (let seq = this.headSeq(); seq > 0; seq--) yield this.at(seq).record;
  }

  /** The promote or rollback that took this number: generations grow with the log, so it is searched by halves. */
  generation(wanted: number): LogRecord | undefined {
    let low = wanted;
    let high = this.headSeq();
    while (low <= high && wanted > 0) {
      const middle = low + Math.floor((high - low) / 2);
      const { record } = this.at(middle);
      if (record.generation === wanted) return record;
      if (record.generation < wanted) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** The record with this number. @throws log-damaged where it is missing or not what was written. */
  at(seq: number): LogHead {
    const path = this.path(seq);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (isErrno(error, 'ENOENT')) throw damaged(path, 'is missing');
      throw error;
    }
    const record = this.parse(text);
    if (record === null || record.seq !== seq) throw damaged(path, 'is not what was written');
    return { record, digest: sha256(text) };
  }

  path(seq: number): string {
    return join(this.folder, recordName(seq));
  }

  /** The number of the newest record: a hint that is checked, never probed from the start; 0 where there is none. */
  headSeq(): number {
    let seq = this.hint();
    if (seq === 0 || !existsSync(this.path(seq))) seq = this.newestInFolder();
    while (existsSync(this.path(seq + 1))) seq++;
    return seq;
  }

  private hint(): number {
    try {
      const text = readFileSync(join(this.folder, headName), 'utf8');
      return /^\d{1,9}\n$/.test(text) ? Number(text) : 0;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return 0;
      throw error;
    }
  }

  private newestInFolder(): number {
    if (lstatSync(this.folder, { throwIfNoEntry: false }) === undefined) return 0;
    let newest = 0;
    for (const name of readdirSync(this.folder))
      if (/^\d{8,}$/.test(name) && !isTemporary(name)) newest = Math.max(newest, Number(name));
    return newest;
  }

  // One line: the checksum that finds a torn or rotten record, a blank, the record as canonical JSON.
  private format(record: LogRecord): string {
    const json = canonicalJson({ ...record });
    return `xxh64:${this.checksum(json)} ${json}\n`;
  }

  private parse(text: string): LogRecord | null {
    const match = /^xxh64:([0-9a-f]{16}) (.*)\n$/s.exec(text);
    if (!match) return null;
    const [, sum, json] = match as unknown as [string, string, string];
    if (this.checksum(json) !== sum) return null;
    const value = JSON.parse(json) as Json;
    return isLogRecord(value) ? (value as unknown as LogRecord) : null;
  }
}

function damaged(path: string, problem: string): TetraError {
  return new TetraError('log-damaged', `${path} ${problem}`, { hint: 'tsm store verify', facts: { path, problem } });
}
