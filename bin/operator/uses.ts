/** Which generations stand on which bundle. */

import type { Layout } from '../../store/layout.js';
import { openLog } from '../../store/log.js';
import { listOrgs } from '../../store/orgs.js';
import { listHistories } from '../../store/verify.js';

export interface Use {
  readonly org: string;
  readonly env: string;
  readonly generation: number;
  readonly deriver: string;
  readonly current: boolean;
}

/** By bundle, over the organizations in this $TETRA_DIR; oldest first. */
export async function generationsOf(layout: Layout): Promise<Map<string, Use[]>> {
  const uses = new Map<string, Use[]>();
  for (const org of listOrgs(layout)) {
    for (const env of listHistories(layout.org(org))) {
      const log = await openLog(layout.org(org), env);
      let current = true;
      for (const { action, bundle, generation, deriver } of log.newestFirst()) {
        if (action === 'verdict') continue;
        const others = uses.get(bundle) ?? [];
        uses.set(bundle, [{ org, env, generation, deriver, current }, ...others]);
        current = false;
      }
    }
  }
  return uses;
}
