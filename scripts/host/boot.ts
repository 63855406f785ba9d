/** Making a host stand on its own, and what it does while it starts. */

import { chmodSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { makeFolder, replaceLink, syncFolder, writeNew } from '../../store/durable.js';
import { bootUnits } from './boot-units.js';
import { listEnvironments } from './environments.js';
import type { HostLayout } from './layout.js';
import { takeLease } from './lease.js';
import { readPending } from './pending.js';
import { settle } from './settle.js';
import { discard, forward, prepare } from './swap.js';
import { daemonReload } from './systemd.js';

/** Puts the program and the two units in their places. Nothing of them does anything before the first activation. */
export function install(layout: HostLayout, program: string) {
  for (const folder of [layout.state, layout.store.store, layout.programs, layout.etc, layout.units])
    makeFolder(folder);
  for (const folder of [layout.state, layout.etc]) chmodSync(folder, 0o755);
  if (program !== layout.program) {
    const temporary = `${layout.program}.new`;
    rmSync(temporary, { force: true });
    writeNew([{ path: temporary, content: readFileSync(program), mode: 0o755 }]);
    renameSync(temporary, layout.program);
  }
  // Whoever put the program there may have made its folder, too.
  for (const folder of [layout.programs, dirname(layout.programs)]) syncFolder(folder);
  linkCommand(layout);
  const folder = join(layout.etc, '.stage-host');
  forward(prepare(bootUnits(layout), folder));
  discard(folder);
  if (layout.isLive) daemonReload();
}

/** A tsm that somebody else put there stays. */
function linkCommand({ command, program }: HostLayout) {
  makeFolder(dirname(command));
  const stat = lstatSync(command, { throwIfNoEntry: false });
  if (stat && !stat.isSymbolicLink()) return;
  replaceLink(command, relative(dirname(command), program));
  syncFolder(dirname(command));
}

/** Run while the host starts. One environment that cannot be taken back does not keep the others from it. */
export function boot(layout: HostLayout): string[] {
  const problems: string[] = [];
  takeLease(layout, 20);
  for (const environment of listEnvironments(layout)) {
    try {
      if (readPending(environment)) settle(layout, environment, 'boot');
    } catch (error) {
      problems.push(`${environment.name}: ${(error as Error).message}`);
    }
  }
  return problems;
}
