/**
 * A request as it comes in. Who may call the host program as root may activate bundles by it, and nothing else: each
 * member is looked at before it becomes a path, a unit's name or a word of a command.
 */

import { TetraError } from '../../lib/errors.js';
import type { ActivationRequest } from '../../lib/host/activation.js';
import { envNameProblem, orgNameProblem, parseStoreName } from '../../lib/names.js';

const id = /^[0-9a-f]{16}$/;
const digest = /^sha256:[0-9a-f]{64}$/;
const connection = /^[0-9a-zA-Z.:%-]+ \d{1,5} [0-9a-zA-Z.:%-]+ \d{1,5}$/;

/** What people write has its length in the record of the verdict. */
const longest = 500;

/** @throws usage */
export function parseRequest(text: string): ActivationRequest {
  const request = JSON.parse(text) as ActivationRequest;
  const bad = Object.entries(rules).find(([name, isGood]) => !isGood(request[name as keyof ActivationRequest]));
  if (bad)
    throw new TetraError('usage', `the request's ${bad[0]} is not what the host takes`, { hint: 'tsm host upgrade' });
  return request;
}

/** @throws usage */
export function expectId(word: string | undefined): string {
  if (word !== undefined && id.test(word)) return word;
  throw new TetraError('usage', 'not the id of an activation');
}

/** As sshd(8) writes SSH_CONNECTION; `null` for anything else. */
export function connectionIn(text: string | undefined): string | null {
  return text !== undefined && connection.test(text) ? text : null;
}

type Rule = (value: unknown) => boolean;

const fits =
  (pattern: RegExp): Rule =>
  value =>
    typeof value === 'string' && pattern.test(value);
const optional =
  (rule: Rule): Rule =>
  value =>
    value === undefined || rule(value);
const whole =
  (most: number): Rule =>
  value =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
const words: Rule = value => typeof value === 'string' && value.length <= longest;

const rules: Readonly<Record<keyof ActivationRequest, Rule>> = {
  id: fits(id),
  org: value => typeof value === 'string' && orgNameProblem(value) === null,
  env: value => typeof value === 'string' && envNameProblem(value) === null,
  bundle: value => typeof value === 'string' && parseStoreName(value) !== null,
  generation: whole(Number.MAX_SAFE_INTEGER),
  by: words,
  chain: optional(value => {
    const { seq, digest: of } = value as { seq?: unknown; digest?: unknown };
    return whole(Number.MAX_SAFE_INTEGER)(seq) && fits(digest)(of);
  }),
  roles: value => Array.isArray(value) && value.every(fits(/^[a-z][a-z0-9-]{0,62}$/)),
  connection: value => value === null || fits(connection)(value),
  confirm: value => value === 'auto' || value === 'manual' || value === 'none',
  confirmTimeout: whole(9999),
  soak: whole(9999),
  noRevert: optional(words),
  noGuard: optional(words),
  plan: optional(fits(digest)),
  dryRun: optional(value => typeof value === 'boolean'),
};
