/** The host says no, before anything live was touched. */

import type { Verdict } from '../../lib/host/activation.js';

export class Refusal extends Error {
  constructor(readonly verdict: Pick<Verdict, 'reason' | 'code' | 'hint' | 'details'>) {
    super(verdict.reason);
  }
}
