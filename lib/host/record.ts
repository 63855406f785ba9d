/** The host's own log: what came of each activation, one record a file, each naming the one before it. */

import { sha256 } from '../digest.js';
import { canonicalJson, type Json } from '../json.js';

export const hostRecordFormat = 1;

/** What is active on a host. */
export interface Active {
  /** The operator's. */
  readonly generation: number;
  /** Store name. */
  readonly bundle: string;
  /** The roles that the host had. */
  readonly roles: readonly string[];
}

export interface HostRecord {
  readonly format: number;
  /** Position in the log, from 1, without gaps. */
  readonly seq: number;
  /** The activation's. */
  readonly id: string;
  readonly outcome: 'confirmed' | 'reverted' | 'revert-failed' | 'unchanged';
  /** What was asked for. */
  readonly generation: number;
  readonly bundle: string;
  /** What is active since, and what was before; `null` for nothing. */
  readonly active: Active | null;
  readonly before: Active | null;
  readonly reason?: string;
  /** How the operator proved to get in: the new connection as sshd told it, `console`, or `none` where nobody had to. */
  readonly proof?: string;
  /** `user@host` of the operator, and the connection that asked. */
  readonly by: string;
  readonly connection: string | null;
  /** UTC, ISO 8601 with milliseconds: when it was asked for, and when it was decided. */
  readonly since: string;
  readonly at: string;
  readonly held: readonly string[];
  readonly noRevert?: string;
  readonly noGuard?: string;
  /** SHA-256 of the text of the record before. */
  readonly previous?: string;
}

/** Bytes that a record has room for: written before it is known what it will say, so that a full disk cannot refuse it. */
export const recordRoom = 4096;

/** `sha256:... {canonical json}`, and blanks up to the room that was taken. */
export function formatHostRecord(record: HostRecord): string {
  const text = lineOf(record);
  const excess = Buffer.byteLength(text) - recordRoom;
  if (excess <= 0) return text + ' '.repeat(-excess);
  const shorter = shortened(record, excess);
  return shorter ? formatHostRecord(shorter) : text;
}

/** Free text gives way, the longest first, so that the facts fit; `null` where nothing is left to cut. */
function shortened(record: HostRecord, excess: number): HostRecord | null {
  const texts = (['reason', 'noRevert', 'noGuard'] as const).map(name => ({ name, text: record[name] ?? '' }));
  const { name, text } = texts.reduce((a, b) => (b.text.length > a.text.length ? b : a));
  if (text.length > 16) return { ...record, [name]: `${text.slice(0, Math.max(13, text.length - excess - 3))}...` };
  return record.held.length > 0 ? { ...record, held: [] } : null;
}

/** The record and the digest that its successor names; `null` where it is not what was written. */
export function parseHostRecord(text: string): { readonly record: HostRecord; readonly digest: string } | null {
  const match = /^(sha256:[0-9a-f]{64}) (\{.*\})\n *$/s.exec(text);
  if (!match) return null;
  const [, digest, json] = match as unknown as [string, string, string];
  if (sha256(json) !== digest) return null;
  return { record: JSON.parse(json) as HostRecord, digest };
}

function lineOf(record: HostRecord): string {
  const json = canonicalJson({ ...record } as unknown as Json);
  return `${sha256(json)} ${json}\n`;
}
