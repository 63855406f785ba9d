/** What differs between two sets of settings, or two bundles. */

import { byCodeUnits, dotted } from './text.js';
import { formatValue } from './toml/format.js';
import { isTable, sameValue } from './toml/values.js';
import type { Bundle, Table, Value } from './types.js';

export interface SettingChange {
  /** Dotted. */
  readonly key: string;
  /** As TOML writes it; absent where the setting is new, or gone. */
  readonly before?: string;
  readonly after?: string;
}

/** By key. */
export function settingChanges(before: Table, after: Table): SettingChange[] {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort(byCodeUnits);
  // An empty table that got settings, or lost them all, is told by those settings.
  const isHolder = (key: string) => keys.some(other => other.startsWith(`${key}.`));
  return keys
    .filter(key => !isHolder(key) && !sameValue(old.get(key), now.get(key)))
    .map(key => ({ key, before: text(old.get(key)), after: text(now.get(key)) }));
}

export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/** By path. `before` maps paths to contents. */
export function fileChanges(before: ReadonlyMap<string, string>, bundle: Bundle): FileChange[] {
  const now = new Map(bundle.files.map(file => [file.path, file.content]));
  const paths = [...new Set([...before.keys(), ...now.keys()])].sort(byCodeUnits);
  return paths.flatMap((path): FileChange[] => {
    const [old, content] = [before.get(path), now.get(path)];
    if (old === content) return [];
    return [{ path, change: old === undefined ? 'added' : content === undefined ? 'removed' : 'changed' }];
  });
}

const text = (value: Value | undefined): string | undefined => (value === undefined ? undefined : formatValue(value));

function leavesOf(table: Table, at: readonly string[] = [], leaves = new Map<string, Value>()): Map<string, Value> {
  for (const [name, value] of Object.entries(table)) {
    const path = [...at, name];
    if (isTable(value) && Object.keys(value).length > 0) leavesOf(value, path, leaves);
    else leaves.set(dotted(path), value);
  }
  return leaves;
}
