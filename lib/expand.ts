/**
 * What happens to a value last, whichever layer set it: `${TETRA_SRC}`, `${TETRA_DIR}` and `~/` become paths, paths
 * are normalised (systemd refuses `..`), and ports move by the environment's offset.
 */

import { normalize } from 'node:path/posix';
import { keyAt, sections } from './schema/keys.js';
import { isList, isTable, newTable } from './toml/values.js';
import type { Leaf, Value } from './types.js';
import { expandSome } from './variables.js';

type Get = (path: readonly string[]) => Value | undefined;

const folders: Readonly<Record<string, readonly string[]>> = {
  TETRA_SRC: ['deployment', 'tetra_src'],
  TETRA_DIR: ['deployment', 'tetra_dir'],
};

/** The names that `${...}` can always use. */
export const folderNames: readonly string[] = Object.keys(folders);

export function expanded(leaf: Leaf, get: Get): Leaf {
  const dependsOn = new Set(leaf.dependsOn);
  const read = (path: readonly string[]) => {
    dependsOn.add(path.join('.'));
    return get(path);
  };
  const value = expandedValue(leaf.path, leaf.value, read);
  return value === leaf.value ? leaf : { ...leaf, value, dependsOn: [...dependsOn] };
}

function expandedValue(path: readonly string[], value: Value, read: Get): Value {
  if (!((path[0] as string) in sections)) return inApplicationTable(value, read);
  const expands = keyAt(path)?.kind.expands;
  if (expands === 'port') {
    const offset = read(['ports', 'offset']);
    return typeof value === 'number' && typeof offset === 'number' ? value + offset : value;
  }
  if (typeof value !== 'string' || value === '' || expands === undefined) return value;
  if (expands === 'command') return inCommand(value, read);
  const text = withFolders(value, read);
  return expands === 'path' ? normalPath(text, read) : text;
}

/** Not in single quotes, and not behind a backslash: there a command says what it says. */
function inCommand(line: string, read: Get): string {
  return line.replace(/'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^'"\\]+/g, part => {
    if (part.startsWith('"'))
      return part.replace(/\\.|[^\\]+/g, inner => (inner.startsWith('\\') ? inner : withFolders(inner, read)));
    return /^['\\]/.test(part) ? part : withFolders(part, read);
  });
}

const escapedFolder = /\$(\$\{TETRA_(?:SRC|DIR)\})/g;

/** The application's own tables know the two folders only; every other `${...}` there is the application's. */
function inApplicationTable(value: Value, read: Get): Value {
  if (typeof value === 'string') return withFolders(value, read).replace(escapedFolder, '$1');
  if (isList(value)) {
    const items = value.map(item => inApplicationTable(item, read));
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  if (!isTable(value)) return value;
  const table = newTable();
  for (const [name, item] of Object.entries(value)) table[name] = inApplicationTable(item, read);
  return table;
}

function withFolders(text: string, read: Get): string {
  if (!text.includes('${')) return text;
  return expandSome(text, name => {
    const path = folders[name];
    return path && (read(path) as string);
  });
}

function normalPath(text: string, read: Get): string {
  const whole = text === '~' || text.startsWith('~/') ? homeOf(read) + text.slice(1) : text;
  if (whole.includes('${')) return whole;
  const normal = normalize(whole);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** By convention, since a bundle cannot ask the host: hier(7). */
function homeOf(read: Get): string {
  const user = read(['deployment', 'user']) as string;
  return user === 'root' ? '/root' : `/home/${user}`;
}
