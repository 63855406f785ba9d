/** The question before something reaches prod. */

import { TetraError, usage } from '../../lib/errors.js';
import { isTerminal } from './write.js';

export interface Consent {
  readonly env: string;
  /** What is about to happen, as a sentence. */
  readonly says: string;
  /** The command as it was called, which `--yes` makes complete. */
  readonly command: string;
  /** `--yes` was given. */
  readonly yes: boolean;
}

/** Asks for the name of the environment where it is prod. @throws usage where nobody can be asked, failed where the answer is no */
export async function expectConsent({ env, says, command, yes }: Consent) {
  if (env !== 'prod' || yes) return;
  if (!process.stdin.isTTY || !isTerminal(2))
    throw usage(`${command} needs --yes where nobody can be asked`, `${command} --yes`);
  const { askName } = await import('../ui/ask.js');
  if (!(await askName({ question: says, expected: env }))) throw new TetraError('failed', 'nothing was done');
}
