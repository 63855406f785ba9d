/** The commands of tsm on a server: what makes sense without a local.toml, and without a network. */

import type { HostLayout } from '../../scripts/host/layout.js';
import { soakOptions } from '../cli/activation-options.js';
import type { CommandInfo } from '../cli/command.js';

export const commands: readonly CommandInfo<HostLayout>[] = [
  {
    words: ['org', 'status'],
    args: ['[@ENV]'],
    summary: 'Show what is active here, whether it is well, and what is under way',
    options: [],
    examples: ['tsm org status'],
    load: () => import('./status.js'),
  },
  {
    words: ['org', 'history'],
    args: ['[@ENV]'],
    summary: 'Show what was activated here, newest first, and what came of it',
    options: [{ name: 'limit', short: 'n', value: 'N', summary: 'only the newest N; 0: all. Default: 20' }],
    examples: ['tsm org history'],
    load: () => import('./history.js'),
  },
  {
    words: ['org', 'rollback'],
    args: ['[@ENV]', '[N]'],
    summary: 'Go back to generation N, or to the last other one that was confirmed here',
    options: soakOptions,
    details:
      'Needs no network: the bundle is still on this host. It is activated with the same steps as ever, and takes itself\nback when it does not work. Behind ssh it waits until you show, on a new login, that you still get in.',
    examples: ['tsm org rollback', 'tsm org rollback @prod 7', 'tsm org rollback --no-confirm'],
    load: async () => ({ run: (await import('./activate.js')).rollback }),
  },
  {
    words: ['org', 'apply'],
    args: ['[@ENV]'],
    summary: 'Activate the newest generation that was shipped here',
    options: [{ name: 'dry-run', summary: 'print the plan; touch nothing' }, ...soakOptions],
    examples: ['tsm org apply', 'tsm org apply @prod --dry-run'],
    load: async () => ({ run: (await import('./activate.js')).apply }),
  },
  {
    words: ['org', 'confirm'],
    args: ['[@ENV]'],
    summary: 'Let the activation stand that waits for it; on a login that is newer than it',
    options: [],
    examples: ['tsm org confirm'],
    load: async () => ({ run: (await import('./decide.js')).confirm }),
  },
  {
    words: ['org', 'revert'],
    args: ['[@ENV]'],
    summary: 'Take back the activation that is not confirmed yet',
    options: [],
    examples: ['tsm org revert'],
    load: async () => ({ run: (await import('./decide.js')).revert }),
  },
];
