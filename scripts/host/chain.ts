/**
 * The operator's log on a host, as far as the host was given it: the same records, a line each. By it a host knows an
 * operator whose history is not a continuation of what it runs.
 */

import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from '../../lib/digest.js';
import { TetraError } from '../../lib/errors.js';
import type { LogRecord } from '../../lib/history.js';
import { isErrno, makeFolder, syncFolder } from '../../store/durable.js';
import type { Logged } from '../../store/log.js';
import { type Checksum, isOwn, loadChecksum, type Owner, parseRecord } from '../../store/record.js';

/** Whom a chain belongs to, and the host's name for the words of a refusal. */
export interface ChainOwner extends Owner {
  readonly host: string;
}

/** A chain that is not there is an empty one. */
export async function readChain(path: string): Promise<Chain> {
  return new Chain(path, await loadChecksum());
}

/**
 * Appends what is new of the operator's lines, which have to reach back to the newest line here or beyond it. The caller
 * holds the host's lease. Returns the newest record afterwards.
 * @throws moved where the operator's log is not a continuation of the chain, invalid-input where it is no log of this
 * environment, log-damaged where the chain is not what was written.
 */
export async function extendChain(path: string, lines: readonly string[], owner: ChainOwner): Promise<Logged> {
  const checksum = await loadChecksum();
  // Read, decided and written without a pause.
  const chain = new Chain(path, checksum);
  chain.append(chain.extension(lines, owner));
  return chain.head as Logged;
}

export class Chain {
  /** Each with its end. */
  private lines: readonly string[];
  /** Bytes of the file that count. */
  private size: number;

  constructor(
    private readonly path: string,
    private readonly checksum: Checksum,
  ) {
    const content = readIfThere(path);
    // What comes after the last line's end was being written when the power went.
    this.size = content.lastIndexOf('\n') + 1;
    this.lines = splitLines(content.toString('utf8', 0, this.size));
  }

  /** The newest record; `null` where the host was given none. @throws log-damaged */
  get head(): Logged | null {
    return this.at(this.lines.length) ?? null;
  }

  /** The record with this number; `undefined` where there is none. @throws log-damaged */
  at(seq: number): Logged | undefined {
    const line = this.lines[seq - 1];
    if (line === undefined) return undefined;
    const record = parseRecord(line, this.checksum);
    if (record?.seq !== seq) throw this.damaged(seq);
    return { record, digest: sha256(line) };
  }

  /** The promote or rollback that took this number. */
  generation(wanted: number): LogRecord | undefined {
    for (let seq = this.lines.length; seq > 0; seq--) {
      const record = this.at(seq)?.record;
      if (record && record.action !== 'verdict' && record.generation <= wanted)
        return record.generation === wanted ? record : undefined;
    }
    return undefined;
  }

  /** Those lines of the operator's log that are new here. Writes nothing. @throws as `extendChain` */
  extension(lines: readonly string[], owner: ChainOwner): string[] {
    const records = readLines(lines, owner, this.checksum);
    const [first] = records;
    const last = records.at(-1);
    if (!first || !last) throw invalid('there are no lines of the log');
    const { head } = this;
    if (first.seq > this.lines.length + 1) throw behind(this.lines.length, owner);
    const isEqual = records.every(({ seq }, i) => {
      const known = this.at(seq);
      return known === undefined || known.digest === sha256(lines[i] as string);
    });
    const added = lines.slice(this.lines.length - first.seq + 1);
    const link = records[records.length - added.length]?.previous;
    if (head && (!isEqual || last.seq < head.record.seq || (added.length > 0 && link !== head.digest)))
      throw moved(head.record, owner);
    return added;
  }

  /** Forces the lines to the disk, behind those that are there. */
  append(lines: readonly string[]) {
    if (lines.length === 0) return;
    const isNew = !existsSync(this.path);
    makeFolder(dirname(this.path));
    const fd = openSync(this.path, 'a');
    try {
      fchmodSync(fd, 0o644);
      ftruncateSync(fd, this.size);
      writeFileSync(fd, lines.join(''));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (isNew) syncFolder(dirname(this.path));
    this.size += Buffer.byteLength(lines.join(''));
    this.lines = [...this.lines, ...lines];
  }

  private damaged(seq: number): TetraError {
    const problem = `line ${seq} is not what was written`;
    return new TetraError('log-damaged', `${this.path}: ${problem}`, {
      hint: `mv ${this.path} aside; the next ship writes it again from the operator's history`,
      facts: { path: this.path, problem },
    });
  }
}

/** The lines of a text, each with its end. */
export function splitLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** Each line's record; together they are a piece of one log of this environment. */
function readLines(lines: readonly string[], owner: Owner, checksum: Checksum): LogRecord[] {
  const records: LogRecord[] = [];
  for (const [i, line] of lines.entries()) {
    const record = parseRecord(line, checksum);
    if (record === null) throw invalid(`line ${i + 1} is not what was written`);
    if (!isOwn(record, owner)) throw invalid(`line ${i + 1} is not of ${owner.org} ${owner.env}`);
    const before = records.at(-1);
    const follows = before
      ? record.seq === before.seq + 1 && record.previous === sha256(lines[i - 1] as string)
      : record.seq > 1 || (record.seq === 1 && record.previous === undefined);
    if (!follows) throw invalid(`line ${i + 1} does not follow from the one before it`);
    records.push(record);
  }
  return records;
}

function invalid(problem: string): TetraError {
  return new TetraError('invalid-input', `the operator's log cannot be taken: ${problem}`, {
    hint: "on the operator's side: tsm store verify",
    facts: { problem },
  });
}

function moved({ generation, by, bundle }: LogRecord, { env, host }: ChainOwner): TetraError {
  return new TetraError('moved', `${host} is on generation ${generation} by ${by}, which you don't have`, {
    hint: `take over history/${env} from whoever promoted it, then run the command again`,
    facts: { host, env, generation, by, bundle },
  });
}

function behind(known: number, { env, host }: ChainOwner): TetraError {
  return new TetraError('moved', `${host} knows the history of ${env} to record ${known}, and got one from later on`, {
    hint: 'run the command again',
    facts: { host, env, known },
  });
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return Buffer.alloc(0);
    throw error;
  }
}
