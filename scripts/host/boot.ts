/** Making a host stand on its own, and what it does while it starts. */

import { chmodSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { TetraError } from '../../lib/errors.js';
import { makeFolder, syncFolder, writeNew } from '../../store/durable.js';
import { bootUnits } from './boot-units.js';
import { listEnvironments } from './environments.js';
import type { HostLayout } from './layout.js';
import { leaseBusy, takeLease } from './lease.js';
import { readPending } from './pending.js';
import { settle } from './settle.js';
import { discard, forward, prepare } from './swap.js';
import { daemonReload } from './systemd.js';

/** Puts the program and the two units in their places. Nothing of them does anything before the first activation. */
export function install(layout: HostLayout, program: string) {
  for (const folder of [layout.state, layout.store.store, layout.programs, layout.etc, layout.units])
    makeFolder(folder);
  for (const folder of [layout.state, layout.etc]) chmodSync(folder, 0o755);
  if (!takeLease(layout, 20)) throw new TetraError('busy', String(leaseBusy(layout).reason));
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
  const target = relative(dirname(command), program);
  if (lstatSync(command, { throwIfNoEntry: false })) return;
  symlinkSync(target, command);
  syncFolder(dirname(command));
}

/** Run while the host starts. One environment that cannot be taken back does not keep the others from it. */
export function boot(layout: HostLayout): string[] {
  const problems: string[] = [];
  if (!takeLease(layout, 20)) return [`something else is at work: ${leaseBusy(layout).reason}`];
  const undecided = listEnvironments(layout).filter(environment => readPending(environment) !== null);
  // What goes back comes first: services wait for it, and nothing waits for what stands already.
  undecided.sort((a, b) => Number(existsSync(a.confirmed)) - Number(existsSync(b.confirmed)));
  for (const environment of undecided) {
    try {
      settle(layout, environment, 'boot');
    } catch (error) {
      problems.push(`${environment.name}: ${(error as Error).message}`);
    }
  }
  return problems;
}
