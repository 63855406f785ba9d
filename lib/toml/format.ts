/** Values to canonical TOML: the same value gives the same text, and parsing that text gives the value. */

import { byCodeUnits, keyText, quoted } from '../text.js';
import type { Table, Value } from '../types.js';
import { DateTime, Float, isList, isTable } from './values.js';

/** Decides the order of a table's keys; those it does not name follow by code units. */
export type KeyOrder = (path: readonly string[]) => readonly string[];

const unordered: KeyOrder = () => [];

export interface TomlLine {
  readonly text: string;
  /** The setting or table that the line writes; empty for a blank line. */
  readonly path: readonly string[];
}

export function formatToml(table: Table, order: KeyOrder = unordered): string {
  return tomlLines(table, order)
    .map(line => `${line.text}\n`)
    .join('');
}

/** The document line by line: `key = value`, `[header]`, and a blank line before each header. */
export function tomlLines(table: Table, order: KeyOrder = unordered): TomlLine[] {
  const lines: TomlLine[] = [];
  writeTable(table, [], [], order, lines);
  return lines;
}

/** A value as it stands behind `=`. */
export function formatValue(value: Value): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Float || value instanceof DateTime) return value.text;
  if (isList(value)) return `[${value.map(formatValue).join(', ')}]`;
  const entries = sortedKeys(value as Table, []).map(
    key => `${keyText(key)} = ${formatValue((value as Table)[key] as Value)}`,
  );
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

// A table writes its plain values first, then its sub-tables under headers of their own. `header` repeats the
// path as TOML text; inside an array of tables both stay those of the array.
function writeTable(
  table: Table,
  path: readonly string[],
  header: readonly string[],
  order: KeyOrder,
  lines: TomlLine[],
) {
  const keys = sortedKeys(table, order(path));
  for (const key of keys) {
    const value = table[key] as Value;
    if (isTable(value) || isTableList(value)) continue;
    lines.push({ text: `${keyText(key)} = ${formatValue(value)}`, path: [...path, key] });
  }
  for (const key of keys) {
    const value = table[key] as Value;
    const at = [...path, key];
    const name = [...header, keyText(key)];
    if (isTable(value)) {
      // A table of tables only needs no header of its own.
      const inner = Object.values(value);
      if (inner.length === 0 || !inner.every(item => isTable(item) || isTableList(item)))
        pushHeader(`[${name.join('.')}]`, at, lines);
      writeTable(value, at, name, order, lines);
    } else if (isTableList(value)) {
      for (const item of value) {
        pushHeader(`[[${name.join('.')}]]`, at, lines);
        writeTable(item, at, name, order, lines);
      }
    }
  }
}

function pushHeader(text: string, path: readonly string[], lines: TomlLine[]) {
  if (lines.length > 0) lines.push({ text: '', path: [] });
  lines.push({ text, path });
}

function isTableList(value: Value): value is readonly Table[] {
  return isList(value) && value.length > 0 && value.every(isTable);
}

function sortedKeys(table: Table, first: readonly string[]): string[] {
  const named = first.filter(key => key in table);
  const rest = Object.keys(table).filter(key => !first.includes(key));
  return [...named, ...rest.sort(byCodeUnits)];
}
