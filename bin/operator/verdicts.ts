/** What hosts made of a generation, as records of the operator's log. */

import type { LogRecord } from '../../lib/history.js';
import type { HostResult } from '../../scripts/rollout.js';
import type { OrgLayout } from '../../store/layout.js';
import { openLog } from '../../store/log.js';
import { operator } from './provenance.js';

/** One record a host that came to a verdict; the generation that is wanted does not change by it. */
export async function writeVerdicts(org: OrgLayout, env: string, of: LogRecord, results: readonly HostResult[]) {
  const log = await openLog(org, env);
  for (const { host, outcome, reason } of results) {
    if (outcome !== 'confirmed' && outcome !== 'reverted' && outcome !== 'revert-failed') continue;
    for (let written: LogRecord | null = null; written === null; ) {
      const head = log.head();
      if (!head) return;
      const { bundle, deriver } = head.record;
      const said = { host, outcome, message: reason, of: of.generation } as const;
      const [at, by] = [new Date().toISOString(), operator()];
      written = log.append({ action: 'verdict', bundle, deriver, ...said, at, by }, head);
    }
  }
}
