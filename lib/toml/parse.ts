/** TOML text to exact values: what cannot be held exactly is refused, never bent. */

import { parse, TomlDate, TomlError } from 'smol-toml';
import type { Path, Position, Problem, Table, Value } from '../types.js';
import { DateTime, Float, newTable } from './values.js';

export type Parsed =
  | { readonly table: Table; readonly problems?: undefined }
  | { readonly problems: readonly Problem[] };

export function parseToml(text: string): Parsed {
  const problems: Problem[] = [];
  let raw: unknown;
  try {
    raw = parse(text, { integersAsBigInt: true, maxDepth: 100 });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { problems: [syntaxProblem(error)] };
  }
  const table = exact(raw, [], text, problems) as Table;
  return problems.length > 0 ? { problems } : { table };
}

/** The library's message ends with a copy of the source lines, which may hold a secret: keep its first line only. */
function syntaxProblem(error: TomlError): Problem {
  const first = error.message.split('\n', 1)[0] as string;
  const message = first.replace(/^Invalid TOML document: /, '');
  return { message: `not valid TOML: ${message}`, at: { line: error.line, column: error.column } };
}

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

function exact(value: unknown, path: Path, text: string, problems: Problem[]): Value {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') {
    if (value < int64Min || value > int64Max)
      problems.push({ message: 'an integer of more than 64 bits', hint: 'write it as text, in quotes', path });
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (typeof value === 'number') return Float.of(value);
  if (value instanceof TomlDate) {
    const date = new DateTime(value.toISOString());
    const at = bentDay(date, text);
    if (at) problems.push({ message: 'a day that is not in the calendar', path, at });
    if (wasCut(date, text))
      problems.push({
        message: 'a time finer than a millisecond cannot be kept exactly',
        hint: 'write it as text, in quotes',
        path,
      });
    return date;
  }
  if (Array.isArray(value)) return value.map((item, i) => exact(item, [...path, i], text, problems));
  const table = newTable();
  for (const [key, item] of Object.entries(value as object)) table[key] = exact(item, [...path, key], text, problems);
  return table;
}

/** The library takes February 30 for March 2 (or 1) without a word: look for the day that it was made of. */
function bentDay(date: DateTime, text: string): Position | undefined {
  const [year, month, day] = (/^(\d{4})-(\d\d)-0([1-3])/.exec(date.text)?.slice(1) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || month === 1) return undefined;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 3 ? (leap ? 29 : 28) : [5, 7, 10, 12].includes(month) ? 30 : 31;
  const meant = `${date.text.slice(0, 4)}-${String(month - 1).padStart(2, '0')}-${length + day}`;
  const before = text.slice(0, text.indexOf(meant)).split('\n');
  if (length + day > 31 || !text.includes(meant)) return undefined;
  return { line: before.length, column: (before.at(-1) as string).length + 1 };
}

/** The library cuts fractions of a second to milliseconds without a word: look for the digits that are gone. */
function wasCut(date: DateTime, text: string): boolean {
  const time = /\d\d:\d\d:\d\d\.\d{3}/.exec(date.text)?.[0];
  return time !== undefined && new RegExp(`${time.replace('.', '\\.')}\\d*[1-9]`).test(text);
}
