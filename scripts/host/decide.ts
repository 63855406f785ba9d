/** What the units that systemd keeps for us do when an activation does not decide itself. */

import { TetraError } from '../../lib/errors.js';
import { EventWriter } from './events.js';
import { decided, refuse } from './launch.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';
import { leaseBusy, takeLease } from './lease.js';
import { readPending, takePending } from './pending.js';
import { forgetStaged, type Occasion, settle, tell, whoAsked } from './settle.js';
import { run } from './system.js';
import { queue } from './systemd.js';

/** Seconds that whoever holds the lease may take to let go of it. */
const patience = 600;

/** Seconds that an activation may take to finish what it has taken, before it is ended and somebody else goes on. */
const turn = 240;

/** The activation's process is gone, and has not decided. */
export function ended(layout: HostLayout, environment: EnvironmentLayout, id: string) {
  if (isGoingDown(layout)) return;
  const under = readPending(environment)?.pending;
  if (under?.id === id) return settleAlone(layout, environment, id, 'crash');
  // It may have been killed on its last steps. What another one left has to stay for whoever takes that one back.
  if (!under) {
    forgetStaged(environment);
    if (layout.isLive) queue('stop', [environment.revertUnit]);
  }
  const verdict = decided(environment, id);
  if (verdict) return tell(environment, id, new EventWriter(environment.activation(id).events, Date.now()), verdict);
  refuse(environment, id, {
    code: 'refused',
    reason: 'the activation was ended before it touched anything',
    hint: `tsm org activate @${environment.env}`,
  });
}

/** The time is over, or somebody asked. Who wins the pending file ends the activation and takes everything back. */
export function deadline(layout: HostLayout, environment: EnvironmentLayout, id: string) {
  const under = readPending(environment);
  if (isGoingDown(layout) || under?.pending.id !== id) return;
  const isTaken = under.state !== 'pending' || !takePending(environment, 'reverting');
  // Who was faster is finishing it, unless it hangs. What it began can be gone on with.
  if (layout.isLive && !(isTaken && takeLease(layout, turn))) queue('kill', [environment.activateUnit]);
  settleAlone(layout, environment, id, 'deadline');
}

/** Under the lease, which is free as soon as the activation's process is gone. */
function settleAlone(layout: HostLayout, environment: EnvironmentLayout, id: string, occasion: Occasion) {
  if (!takeLease(layout, patience)) throw new TetraError('busy', String(leaseBusy(layout).reason));
  settle(layout, environment, occasion, whoAsked(environment, id));
}

/** A host that goes down starts nothing any more: its next boot takes it back. */
function isGoingDown({ isLive }: HostLayout): boolean {
  return isLive && run('systemctl', ['is-system-running']).stdout.trim() === 'stopping';
}
