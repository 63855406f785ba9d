/**
 * The pointer log of one environment: append-only, one file a record, named by its number. Appending is a
 * compare-and-swap: the record is written whole under a temporary name and then linked to the next number, which
 * succeeds for exactly one process. There is no lock that a killed process could leave behind.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../lib/digest.js';
import { TetraError } from '../lib/errors.js';
import { type LogRecord, logFormat } from '../lib/history.js';
import { isErrno, makeFolder, namesIn, publishNew, replaceLoosely, syncFolder } from './durable.js';
import { headName, type OrgLayout, recordName } from './layout.js';
import { type Checksum, formatRecord, isOwn, loadChecksum, type Owner, parseRecord } from './record.js';

/** A record as it stands in the log. */
export interface Logged {
  readonly record: LogRecord;
  /** SHA-256 of the record's file: what the next record names as `previous`. */
  readonly digest: string;
}

export interface LogHead {
  /** The promote or rollback that made the newest generation. */
  readonly record: LogRecord;
  /** Number and text of the newest record, which may be a verdict. */
  readonly seq: number;
  readonly text: string;
}

/** What the writer says; the log adds the rest. */
export type LogEntry = Omit<LogRecord, 'format' | 'seq' | 'generation' | 'previous'>;

export async function openLog(org: OrgLayout, env: string): Promise<PointerLog> {
  return new PointerLog(org.history(env), { org: org.name, env }, await loadChecksum());
}

export class PointerLog {
  constructor(
    private readonly folder: string,
    /** Whose bundles the records may name. */
    private readonly owner: Owner,
    private readonly checksum: Checksum,
  ) {}

  /** The end of the log; `null` where nothing was ever promoted. */
  head(): LogHead | null {
    const seq = this.headSeq();
    if (seq === 0) return null;
    const { text, record } = this.read(seq);
    const move = record.action === 'verdict' ? this.generation(record.generation) : record;
    if (!move) throw damaged(this.path(seq), 'is about a generation that is missing');
    return { record: move, seq, text };
  }

  /**
   * Appends behind `head`. `null` where another process was faster: read the head again and decide anew.
   */
  append(entry: LogEntry, head: LogHead | null): LogRecord | null {
    const record: LogRecord = {
      ...entry,
      format: logFormat,
      seq: (head?.seq ?? 0) + 1,
      generation: (head?.record.generation ?? 0) + (entry.action === 'verdict' ? 0 : 1),
      previous: head ? sha256(head.text) : undefined,
    };
    if (head === null) makeFolder(this.folder);
    const path = this.path(record.seq);
    if (existsSync(path) || !publishNew(path, formatRecord(record, this.checksum), 0o444)) return null;
    syncFolder(this.folder);
    this.remember(record.seq);
    return record;
  }

  /** Only a hint, and the record is already there: a disk that is full now is told by whoever needs it next. */
  private remember(seq: number) {
    try {
      replaceLoosely(join(this.folder, headName), `${seq}\n`);
    } catch (error) {
      if (!(error instanceof Error && 'errno' in error)) throw error;
    }
  }

  /** Every record, verdicts too; newest first, without end but the first record's. */
  *newestFirst(): Generator<LogRecord> {
    for (let seq = this.headSeq(); seq > 0; seq--) yield this.read(seq).record;
  }

  /**
   * The promote or rollback that took this number. Generations never fall along the log, and the verdicts of one stand
   * behind it, so the first record with the number is searched by halves.
   */
  generation(wanted: number): LogRecord | undefined {
    let low = wanted;
    let high = this.headSeq();
    while (low <= high && wanted > 0) {
      const middle = low + Math.floor((high - low) / 2);
      const { record } = this.read(middle);
      if (record.action !== 'verdict' && record.generation === wanted) return record;
      if (record.generation < wanted) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** The record with this number. @throws log-damaged where it is missing or not what was written. */
  at(seq: number): Logged {
    const { text, record } = this.read(seq);
    return { record, digest: sha256(text) };
  }

  /** The text of every record from this number on, oldest first: what a host's chain is extended with. */
  lines(from: number): string[] {
    const texts: string[] = [];
    for (let seq = from, newest = this.headSeq(); seq <= newest; seq++) texts.push(this.read(seq).text);
    return texts;
  }

  private read(seq: number): { readonly text: string; readonly record: LogRecord } {
    const path = this.path(seq);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (isErrno(error, 'ENOENT')) throw damaged(path, 'is missing');
      throw error;
    }
    const record = parseRecord(text, this.checksum);
    if (record === null || record.seq !== seq) throw damaged(path, 'is not what was written');
    if (!isOwn(record, this.owner)) throw damaged(path, `belongs to another environment: ${record.bundle}`);
    return { text, record };
  }

  path(seq: number): string {
    return join(this.folder, recordName(seq));
  }

  /**
   * The number of the newest record; 0 where there is none. It is found by a hint that is checked, never by probing
   * from the start. The hint is written when its record is already durable, so one without its record proves a loss.
   */
  headSeq(): number {
    const hint = this.hint();
    let seq = hint === 0 ? this.newestInFolder() : hint;
    if (hint > 0 && !existsSync(this.path(hint))) throw damaged(this.path(hint), 'is missing');
    while (existsSync(this.path(seq + 1))) seq++;
    return seq;
  }

  /** The same, from the names of all records: slow, and not fooled by a hint. */
  newestInFolder(): number {
    const numbers = namesIn(this.folder).filter(name => /^\d{8,}$/.test(name));
    return Math.max(0, ...numbers.slice(-1).map(Number));
  }

  private hint(): number {
    try {
      const text = readFileSync(join(this.folder, headName), 'utf8');
      return /^\d{1,9}\n$/.test(text) ? Number(text) : 0;
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'EISDIR')) return 0;
      throw error;
    }
  }
}

function damaged(path: string, problem: string): TetraError {
  return new TetraError('log-damaged', `${path} ${problem}`, { hint: 'tsm store verify', facts: { path, problem } });
}
