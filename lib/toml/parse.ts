/** TOML text to exact values: what cannot be held exactly is refused, never bent. */

import { parse, TomlDate, TomlError } from 'smol-toml';
import type { Path, Position, Problem, Table, Value } from '../types.js';
import { DateTime, Float, newTable } from './values.js';

export type Parsed =
  | { readonly table: Table; readonly problems?: undefined }
  | { readonly problems: readonly Problem[] };

export function parseToml(text: string): Parsed {
  const reading: Reading = { problems: [], hasDates: false, infinities: 0 };
  let raw: unknown;
  try {
    raw = parse(text, { integersAsBigInt: true, maxDepth });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { problems: [syntaxProblem(error)] };
  }
  const table = exact(raw, [], reading) as Table;
  const { problems } = reading;
  if (reading.hasDates || reading.infinities > 0) {
    const bare = text.replace(quotedOrComment, hidden => hidden.replace(/[^\n]/g, ' '));
    if (reading.hasDates) problems.push(...bentDates(bare));
    if (reading.infinities > 0) problems.push(...bentFloats(bare, reading.infinities));
  }
  return problems.length > 0 ? { problems } : { table };
}

/** Of tables and lists in each other. */
const maxDepth = 100;

interface Reading {
  readonly problems: Problem[];
  hasDates: boolean;
  infinities: number;
}

/** The library's message ends with a copy of the source lines, which may hold a secret: keep its first line only. */
function syntaxProblem(error: TomlError): Problem {
  const first = error.message.split('\n', 1)[0] as string;
  const message = first.replace(/^Invalid TOML document: /, '');
  return { message: `not valid TOML: ${message}`, at: { line: error.line, column: error.column } };
}

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

function exact(value: unknown, path: Path, reading: Reading): Value {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') {
    if (value < int64Min || value > int64Max)
      reading.problems.push({ message: 'an integer of more than 64 bits', hint: 'write it as text, in quotes', path });
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (typeof value === 'number') {
    if (Math.abs(value) === Number.POSITIVE_INFINITY) reading.infinities++;
    return Float.of(value);
  }
  if (value instanceof TomlDate) {
    reading.hasDates = true;
    return new DateTime(value.toISOString());
  }
  if (path.length > maxDepth) {
    reading.problems.push({ message: `more than ${maxDepth} tables in each other`, path: path.slice(0, 1) });
    return '';
  }
  if (Array.isArray(value)) return value.map((item, i) => exact(item, [...path, i], reading));
  const table = newTable();
  for (const [key, item] of Object.entries(value as object)) table[key] = exact(item, [...path, key], reading);
  return table;
}

const quotedOrComment = /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*/g;

/**
 * The library takes February 30 for March 2, and cuts fractions of a second to milliseconds, without a word: so the
 * dates are looked at where they stand, outside of strings and comments.
 */
function bentDates(bare: string): Problem[] {
  const problems: Problem[] = [];
  for (const match of bare.matchAll(/(\d{4})-(\d\d)-(\d\d)(?!\d|\s*[=.])|\d\d:\d\d:\d\d\.\d{3}\d*[1-9]/g)) {
    const [, year, month, day] = match;
    const at = positionOf(bare, match.index);
    if (isHeader(bare, match.index)) continue;
    if (year === undefined)
      problems.push({
        message: 'a time finer than a millisecond cannot be kept exactly',
        hint: 'write it as text, in quotes',
        at,
      });
    else if (Number(day) > daysIn(Number(year), Number(month)))
      problems.push({ message: 'a day that is not in the calendar', at });
  }
  return problems;
}

/** A number beyond the doubles becomes inf without a word; one that was written stands there as such. */
function bentFloats(bare: string, infinities: number): Problem[] {
  if ((bare.match(/(?<=[=,[\s+-])inf(?=[,\]}\s]|$)/g) ?? []).length >= infinities) return [];
  const index = Math.max(0, bare.search(/[eE]\+?[\d_]{3,}/));
  const at = positionOf(bare, index);
  return [{ message: 'a number too large for 64-bit floating point', hint: 'write it as text, in quotes', at }];
}

function isHeader(bare: string, index: number): boolean {
  const line = bare.slice(bare.lastIndexOf('\n', index) + 1).split('\n', 1)[0] as string;
  return /^\s*\[{1,2}[\w.\s-]+\]{1,2}\s*$/.test(line);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function positionOf(text: string, index: number): Position {
  const before = text.slice(0, index).split('\n');
  return { line: before.length, column: (before.at(-1) as string).length + 1 };
}
