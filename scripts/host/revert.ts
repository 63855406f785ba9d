/** An operator's word that an activation shall not stand. */

import type { Verdict } from '../../lib/host/activation.js';
import { isErrno, replaceLoosely } from '../../store/durable.js';
import { deadline } from './decide.js';
import { decided, follow } from './launch.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';
import { readPending } from './pending.js';
import { Refusal } from './refusal.js';
import { queue } from './systemd.js';

/** Stopping the guard is what the deadline does, too: the same unit takes it back, whoever asked. */
export async function revert(
  layout: HostLayout,
  environment: EnvironmentLayout,
  wanted: string | undefined,
  by: string | undefined,
): Promise<Verdict> {
  const id = wanted ?? readPending(environment)?.pending.id;
  const done = id === undefined ? null : decided(environment, id);
  if (done) return done;
  if (id === undefined || readPending(environment)?.pending.id !== id)
    throw new Refusal({
      code: 'refused',
      reason: `no activation of ${environment.name} is under way`,
      hint: `to go back to an older generation: tsm org rollback @${environment.env} --activate`,
    });
  noteAsked(environment, id, by ?? 'somebody on the host');
  if (layout.isLive) queue('stop', [environment.revertUnit]);
  else deadline(layout, environment, id);
  return await follow(layout, environment, id, () => {});
}

/** Only words: on a full disk it is taken back without them. */
function noteAsked(environment: EnvironmentLayout, id: string, by: string) {
  try {
    replaceLoosely(environment.activation(id).asked, `${by} asked for it`);
  } catch (error) {
    if (!isErrno(error, 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO')) throw error;
  }
}
