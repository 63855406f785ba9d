/** A rollback that goes on to its hosts. */

import type { LogRecord } from '../../lib/history.js';
import type { OrgLayout } from '../../store/layout.js';
import type { PointerLog } from '../../store/log.js';
import type { Input, Outcome } from '../cli/command.js';
import { styleFor } from '../cli/style.js';
import { isTerminal, write } from '../cli/write.js';
import { delivered } from './delivered.js';

interface Rollback {
  readonly org: OrgLayout;
  readonly env: string;
  readonly log: PointerLog;
  readonly record: LogRecord;
}

/** Both results in one: what the rollback says of itself, and the hosts. */
export async function activated(
  { options, workspace, screen }: Input,
  rollback: Rollback,
  done: Outcome,
): Promise<Outcome> {
  // The pointer has moved already, whatever the hosts make of it.
  if (!screen.json) write(1, done.text(styleFor(screen.color, isTerminal(1))));
  const outcome = await delivered(
    { ...rollback, layout: workspace.layout, options, screen, verb: 'deploy' },
    done.warnings,
  );
  return {
    ...outcome,
    schema: done.schema,
    data: async () => ({ ...(await membersOf(done)), ...(await membersOf(outcome)) }),
  };
}

async function membersOf({ data }: Outcome) {
  return typeof data === 'function' ? await data() : data;
}
