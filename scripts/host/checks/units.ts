/** Units, judged by systemd itself (systemd-analyze(1)). */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Intent } from '../intent.js';
import type { Work } from '../run.js';
import { hasProgram, linesOf, runBeside } from '../system.js';

/**
 * `systemd-analyze verify` exits 0 on unknown keys and bad values, and complains about other people's units as well: a
 * line that names one of our files counts, no other does.
 */
export async function unitProblems({ layout }: Work, { unitFiles, plan }: Intent): Promise<string[]> {
  const changed = plan.files.map(file => basename(file.path));
  const units = [...unitFiles].filter(([name]) => changed.includes(name));
  if (units.length === 0 || !hasProgram('systemd-analyze')) return [];
  const folder = mkdtempSync(join(tmpdir(), 'tsm-units-'));
  try {
    // All of them, since they name each other.
    for (const [name, text] of unitFiles) writeFileSync(join(folder, name), text);
    const paths = units.map(([name]) => join(folder, name));
    const { stderr } = await runBeside('systemd-analyze', ['verify', '--man=no', ...paths]);
    return linesOf(stderr)
      .filter(line => units.some(([name]) => line.includes(name)))
      .filter(line => layout.isLive || !isOfThisMachine(line))
      .map(line => line.replaceAll(`${folder}/`, ''));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Below a folder the programs of the server are not there to be looked at. */
function isOfThisMachine(line: string): boolean {
  return /is not executable|No such file or directory/.test(line);
}
