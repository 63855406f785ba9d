/** The TOML values that JavaScript has no exact type for, and a few words about the others. */

import type { Table, Value } from '../types.js';

/** A floating-point number as canonical TOML writes it: `1.0` stays apart from the integer `1`. */
export class Float {
  constructor(readonly text: string) {}

  static of(value: number): Float {
    if (Number.isNaN(value)) return new Float('nan');
    if (value === Number.POSITIVE_INFINITY) return new Float('inf');
    if (value === Number.NEGATIVE_INFINITY) return new Float('-inf');
    if (Object.is(value, -0)) return new Float('-0.0');
    const text = String(value);
    return new Float(/^-?\d+$/.test(text) ? `${text}.0` : text);
  }
}

/** A date, a time or both, as RFC 3339 text. Precise to the millisecond: the parser refuses more. */
export class DateTime {
  constructor(readonly text: string) {}
}

export function isTable(value: Value | undefined): value is Table {
  return (
    typeof value === 'object' && !Array.isArray(value) && !(value instanceof Float) && !(value instanceof DateTime)
  );
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** A table to fill. */
export function newTable(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}

/** The same value, whatever the key order. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (a instanceof Float) return b instanceof Float && a.text === b.text;
  if (a instanceof DateTime) return b instanceof DateTime && a.text === b.text;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  if (!isTable(a) || !isTable(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(key => key in b && sameValue(a[key], b[key]));
}

/** What kind of value it is, in the words of a person: for messages that must not show the value. */
export function kindOf(value: Value): string {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') return 'a whole number';
  if (value instanceof Float) return `the number ${value.text}`;
  if (value instanceof DateTime) return 'a date or time';
  return isList(value) ? 'a list' : 'a table';
}

/** The value that stands at a path; `undefined` where none does. */
export function writtenAt(table: Table, path: readonly string[]): Value | undefined {
  let value: Value | undefined = table;
  for (const part of path) value = isTable(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return value;
}
