/** What differs between two renderings of an environment: its settings, its files, and what that means on a host. */

import { byCodeUnits, dotted } from './text.js';
import { formatValue } from './toml/format.js';
import { isTable, newTable, sameValue } from './toml/values.js';
import type { Bundle, Table, Value } from './types.js';

/** One rendering: the document of its env.toml, and every file by path. */
export interface Rendering {
  readonly document: Table;
  readonly files: ReadonlyMap<string, string>;
}

/** Before the first promote. */
export const nothing: Rendering = { document: newTable(), files: new Map() };

export function renderingOf(document: Table, bundle: Bundle): Rendering {
  return { document, files: new Map(bundle.files.map(file => [file.path, file.content])) };
}

export interface SettingChange {
  /** Dotted. */
  readonly key: string;
  /** As TOML writes it; absent where the setting is new, or gone. */
  readonly before?: string;
  readonly after?: string;
}

export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** What an activation would do with the unit, or with the rules; nothing where only comments changed. */
  readonly effect?: 'start' | 'stop' | 'restart' | 'reload' | 'nothing';
}

export interface Changes {
  /** By key. */
  readonly settings: readonly SettingChange[];
  /** By path; without bundle.json, which changes with each of them. */
  readonly files: readonly FileChange[];
}

export function changesBetween(before: Rendering, after: Rendering): Changes {
  return {
    settings: settingChanges(before.document, after.document),
    files: fileChanges(before.files, after.files),
  };
}

export function settingChanges(before: Table, after: Table): SettingChange[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort(byCodeUnits);
  // An empty table that got settings, or lost them all, is told by those settings.
  const holdsNothing = (value: Value | undefined) => value === undefined || isTable(value);
  const isHolder = (key: string) =>
    holdsNothing(old.get(key)) && holdsNothing(now.get(key)) && keys.some(other => other.startsWith(`${key}.`));
  return keys
    .filter(key => !isHolder(key) && !sameValue(old.get(key), now.get(key)))
    .map(key => ({ key, before: text(old.get(key)), after: text(now.get(key)) }));
}

function fileChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): FileChange[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort(byCodeUnits);
  return paths.flatMap((path): FileChange[] => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === now || path === 'bundle.json') return [];
    const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    return [{ path, change, effect: effectOf(path, old, now) }];
  });
}

function effectOf(path: string, old: string | undefined, now: string | undefined): FileChange['effect'] {
  const same = old !== undefined && now !== undefined && directives(old) === directives(now);
  if (path.endsWith('.service'))
    return same ? 'nothing' : old === undefined ? 'start' : now === undefined ? 'stop' : 'restart';
  if (path.endsWith('.nft')) return same ? 'nothing' : 'reload';
  return undefined;
}

/** A unit or rule set without what its reader skips. */
function directives(content: string): string {
  return content
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#') && !line.startsWith(';'))
    .join('\n');
}

/** A table's values by dotted key; an empty table counts as one. */
export function valuesOf(
  table: Table,
  at: readonly string[] = [],
  values = new Map<string, Value>(),
): Map<string, Value> {
  for (const [name, value] of Object.entries(table)) {
    const path = [...at, name];
    if (isTable(value) && Object.keys(value).length > 0) valuesOf(value, path, values);
    else values.set(dotted(path), value);
  }
  return values;
}

const text = (value: Value | undefined): string | undefined => (value === undefined ? undefined : formatValue(value));
