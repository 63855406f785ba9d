/** TOML 1.0 text to exact values: what cannot be held exactly is refused, never bent. */

import { parse, TomlDate, TomlError } from 'smol-toml';
import type { Path, Problem, Table, Value } from '../types.js';
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

/** The library cuts fractions of a second to milliseconds without a word: look for the digits that are gone. */
function wasCut(date: DateTime, text: string): boolean {
  const time = /\d\d:\d\d:\d\d\.\d{3}/.exec(date.text)?.[0];
  return time !== undefined && new RegExp(`${time.replace('.', '\\.')}\\d*[1-9]`).test(text);
}
