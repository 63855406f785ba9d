/**
 * The text of a log record: one line, the checksum that finds a torn or rotten record, a blank, the record as canonical
 * JSON. It is the content of a record's file, and a line of the chain that a host keeps.
 */

import xxhash from 'xxhash-wasm';
import { isLogRecord, type LogRecord } from '../lib/history.js';
import { canonicalJson, type Json } from '../lib/json.js';
import { parseStoreName } from '../lib/names.js';

/** XXH64 of a text, as 16 hex digits: finds accidents, and is no proof against an enemy. */
export type Checksum = (text: string) => string;

export async function loadChecksum(): Promise<Checksum> {
  const { h64ToString } = await xxhash();
  return h64ToString;
}

export function formatRecord(record: LogRecord, checksum: Checksum): string {
  const json = canonicalJson({ ...record });
  return `xxh64:${checksum(json)} ${json}\n`;
}

/** `null` where it is not what was written. */
export function parseRecord(text: string, checksum: Checksum): LogRecord | null {
  const match = /^xxh64:([0-9a-f]{16}) ([^\n]*)\n$/.exec(text);
  if (!match) return null;
  const [, sum, json] = match as unknown as [string, string, string];
  if (checksum(json) !== sum) return null;
  const value = parseJson(json);
  return isLogRecord(value) ? (value as unknown as LogRecord) : null;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** Whose log it is. */
export interface Owner {
  readonly org: string;
  readonly env: string;
}

/** A record names its environment through its bundle. */
export function isOwn(record: LogRecord, owner: Owner): boolean {
  const name = parseStoreName(record.bundle);
  return name?.org === owner.org && name.env === owner.env;
}
