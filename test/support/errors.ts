/** What a promise is rejected with. */

import { TetraError } from '../../lib/errors.js';

/** Fails the test where there is none, or another kind. */
export async function errorOf(promise: Promise<unknown>): Promise<TetraError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TetraError) return error;
  throw error ?? new Error('nothing was thrown');
}
