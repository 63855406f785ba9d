/** Room on the disks, and folders that can be written. */

import { lstatSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, writeNew } from '../../../store/durable.js';
import type { Work } from '../run.js';

/** Bytes and inodes that staging may need; both sides of an activation of hundreds of units fit in. */
const bytes = 4 * 1024 * 1024;
const inodes = 64;

export function spaceProblems({ layout, environment }: Work): string[] {
  const system = lstatSync(layout.units, { throwIfNoEntry: false });
  if (!system?.isDirectory()) return [`${layout.units} is not a folder`];
  const problems = [layout.state, layout.etc, layout.units].flatMap(folder => writable(folder));
  if (problems.length > 0) return problems;
  if (statSync(layout.units).dev !== statSync(layout.etc).dev)
    return [`${layout.units} and ${layout.etc} are on different file systems, so nothing can be renamed between them`];
  return [environment.root, layout.etc].flatMap(roomProblems);
}

function roomProblems(folder: string): string[] {
  const { bavail, bsize, ffree, files } = statfsSync(folder);
  if (bavail * bsize < bytes)
    return [`${folder}: ${Math.floor((bavail * bsize) / 1024)} kB free, and an activation needs ${bytes / 1024} kB`];
  // Some file systems have no fixed number of inodes, and say 0.
  return files > 0 && ffree < inodes ? [`${folder}: ${ffree} inodes free, and an activation needs ${inodes}`] : [];
}

/** Asking is not enough: only a write tells of a read-only mount. */
function writable(folder: string): string[] {
  const path = join(folder, '.tsm-probe');
  try {
    makeFolder(folder);
    rmSync(path, { force: true });
    writeNew([{ path, content: '', mode: 0o600 }]);
    rmSync(path);
    return [];
  } catch (error) {
    return [`${folder} cannot be written (${(error as NodeJS.ErrnoException).code})`];
  }
}
