/** What differs between two renderings of an environment: its settings, its files, and what that means on a host. */

import { planUnits, type UnitFiles, type UnitVerb } from './host/plan.js';
import { parseUnit, unitData } from './host/unit.js';
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
  /** What an activation does with the unit where everything runs, on a host with all roles; or with the rules. */
  readonly effect?: FileEffect;
}

export type FileEffect = Exclude<UnitVerb, 'none'> | 'nothing';

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
  const effects = unitEffects(unitsIn(before), unitsIn(after));
  return paths.flatMap((path): FileChange[] => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === now || path === 'bundle.json') return [];
    const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    return [{ path, change, effect: path.endsWith('.nft') ? effectOfRules(old, now) : effects.get(unitOf(path)) }];
  });
}

/** `systemd/acme-prod-api.service` is the unit `acme-prod-api.service`. */
const unitOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function unitsIn(files: ReadonlyMap<string, string>): UnitFiles {
  const units = [...files].filter(([path]) => /\.(service|target|timer)$/.test(path));
  return new Map(units.map(([path, content]) => [unitOf(path), content]));
}

function unitEffects(before: UnitFiles, after: UnitFiles): Map<string, FileEffect> {
  const states = new Map([...before.keys()].map(unit => [unit, { active: 'active' } as const]));
  const roles = [...after.values()].flatMap(content => unitData(parseUnit(content)).roles);
  const steps = planUnits({ before, after, states, roles, targetActive: true });
  return new Map(steps.map(({ unit, verb }) => [unit, verb === 'none' ? 'nothing' : verb]));
}

function effectOfRules(old: string | undefined, now: string | undefined): FileEffect {
  return old !== undefined && now !== undefined && rulesIn(old) === rulesIn(now) ? 'nothing' : 'reload';
}

/** A rule set without what nft skips. */
function rulesIn(content: string): string {
  return content
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
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
