/** The options of commands that activate, on the operator's side and on a server: what they are, and what they say. */

import { usage } from '../../lib/errors.js';
import type { ActivationRequest } from '../../lib/host/activation.js';
import type { OptionInfo, Options } from './command.js';

export const soakOptions: readonly OptionInfo[] = [
  { name: 'soak', value: 'S', summary: 'seconds that the services are watched. Default: 10' },
  { name: 'confirm-timeout', value: 'S', summary: 'seconds until it is taken back unconfirmed. Default: 60' },
  { name: 'no-confirm', summary: 'ask for no proof that you still get in' },
  { name: 'no-revert', value: 'REASON', summary: 'keep it though services are sick' },
  { name: 'no-guard', value: 'REASON', summary: 'load rules that would not let you in again' },
  { name: 'yes', summary: 'do not ask, though it reaches prod' },
];

export const activationOptions: readonly OptionInfo[] = [
  { name: 'host', value: 'NAME', summary: 'only this host, or those that fit a pattern such as "web*"' },
  {
    name: 'confirm',
    value: 'HOW',
    summary: 'auto: a new connection proves that you get in; manual: you do (tsm org confirm)',
  },
  ...soakOptions,
];

export type ActivationWords = Pick<
  ActivationRequest,
  'confirm' | 'confirmTimeout' | 'soak' | 'noRevert' | 'noGuard' | 'dryRun'
>;

/** What the options say. @throws usage; `help` is the command that says more. */
export function activationWords({ flags, values }: Options, help: string): ActivationWords {
  const confirm = flags.has('no-confirm') ? 'none' : (values.get('confirm') ?? 'auto');
  if (confirm !== 'auto' && confirm !== 'manual' && confirm !== 'none')
    throw usage(`--confirm takes auto or manual, not ${JSON.stringify(confirm)}`, help);
  const seconds = (name: string, fallback: number): number => {
    const text = values.get(name);
    if (text === undefined) return fallback;
    if (/^\d{1,4}$/.test(text)) return Number(text);
    throw usage(`--${name} takes a number of seconds, not ${JSON.stringify(text)}`, help);
  };
  const reason = (name: string): string | undefined => {
    const text = values.get(name);
    if (text === undefined || text.trim() !== '') return text;
    throw usage(`--${name} needs a reason: it is kept in the host's history`, help);
  };
  return {
    confirm,
    confirmTimeout: seconds('confirm-timeout', 60),
    soak: seconds('soak', 10),
    noRevert: reason('no-revert'),
    noGuard: reason('no-guard'),
    dryRun: flags.has('dry-run') ? true : undefined,
  };
}
