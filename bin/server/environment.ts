/** Which environment of the host is meant, and who asks. */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { TetraError } from '../../lib/errors.js';
import { envName } from '../../lib/names.js';
import { nearest } from '../../lib/nearest.js';
import { listEnvironments } from '../../scripts/host/environments.js';
import type { EnvironmentLayout, HostLayout } from '../../scripts/host/layout.js';

/** The one that is named, `prod` or `acme-prod`, or the only one there is. */
export function environmentOf(layout: HostLayout, word: string | undefined): EnvironmentLayout {
  const all = listEnvironments(layout);
  const names = all.map(one => `@${one.env}`).join(', ');
  if (word === undefined) {
    if (all.length === 1) return all[0] as EnvironmentLayout;
    const message = all.length === 0 ? 'nothing was ever shipped to this host' : 'this host has several environments';
    throw new TetraError('usage', message, {
      hint: all.length === 0 ? 'tsm org ship @ENV, from your laptop' : `one of ${names}`,
    });
  }
  const name = envName(word);
  const found = all.filter(one => one.env === name || one.name === name);
  if (found.length === 1) return found[0] as EnvironmentLayout;
  if (found.length > 1) {
    const full = found.map(one => one.name).join(', ');
    throw new TetraError('usage', `several organizations have @${name} on this host`, { hint: `one of ${full}` });
  }
  const near = nearest(
    name,
    all.map(one => one.env),
  );
  throw new TetraError('unknown-environment', `this host has no environment ${JSON.stringify(name)}`, {
    hint: near ? `did you mean @${near}?` : names ? `there are: ${names}` : 'tsm org ship @ENV, from your laptop',
  });
}

/** @throws permission */
export function expectRoot(command: string) {
  if (process.getuid?.() !== 0)
    throw new TetraError('permission', 'only root may do that', { hint: `sudo ${command}` });
}

/** `ana@web1`; behind sudo the one who called it. */
export function caller(): string {
  return `${process.env.SUDO_USER || process.env.USER || process.env.LOGNAME || 'root'}@${hostname()}`;
}

/**
 * SSH_CONNECTION of the login that this runs in; `null` on a console. sudo takes it out of the environment, but the shell
 * behind it still has it (proc_pid_environ(5)).
 */
export function connectionOf(): string | null {
  for (let pid = process.pid; pid > 1; pid = parentOf(pid)) {
    const connection = /(?:^|\0)SSH_CONNECTION=([^\0]+)/.exec(read(`/proc/${pid}/environ`))?.[1];
    if (connection) return connection;
  }
  return null;
}

/** The name of the program stands in parentheses, and may hold anything. */
function parentOf(pid: number): number {
  return Number(/\) . (\d+) [^)]*$/.exec(read(`/proc/${pid}/stat`))?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
