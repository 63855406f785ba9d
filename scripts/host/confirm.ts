/** The proof that the operator still gets in: shown on a new connection, looked for by the activation. */

import { existsSync, readFileSync } from 'node:fs';
import type { Verdict } from '../../lib/host/activation.js';
import { replaceLoosely } from '../../store/durable.js';
import { decided, follow } from './launch.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';
import { readPending } from './pending.js';
import { Refusal } from './refusal.js';
import type { Work } from './run.js';

/** Who confirmed: the connection, `console`, or `none` where nobody has to. `null` where nobody did in time. */
export async function awaitProof({ layout, environment, request, events }: Work): Promise<string | null> {
  const { id, confirm, confirmTimeout, connection } = request;
  const { proof, asked } = environment.activation(id);
  const isAlone = !layout.isLive || connection === null;
  if (confirm === 'none' || (confirm === 'auto' && isAlone)) {
    events.begin(
      'confirm',
      layout.isLive ? 'nobody is asked to prove that a new connection gets in' : 'a folder locks nobody out',
    );
    return 'none';
  }
  events.begin('confirm', 'waiting for the proof that a new connection gets in');
  events.write({ event: 'awaiting', id, seconds: confirmTimeout, confirm });
  const end = Date.now() + confirmTimeout * 1000;
  while (Date.now() < end && !existsSync(asked)) {
    if (existsSync(proof)) return readFileSync(proof, 'utf8');
    if (!existsSync(environment.pending)) return null;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return null;
}

/**
 * Shows the proof for the activation that waits, or that will: one that comes early is not lost. Resolves with what
 * came of it. @throws Refusal where nothing waits, or where the connection is not a new one.
 */
export async function confirm(
  layout: HostLayout,
  environment: EnvironmentLayout,
  wanted: string | undefined,
  connection: string | null,
): Promise<Verdict> {
  const under = readPending(environment);
  const id = wanted ?? under?.pending.id;
  if (id === undefined) throw nothingWaits(environment);
  const before = decided(environment, id);
  if (before) return before;
  if (under?.pending.id !== id) throw nothingWaits(environment);
  if (connection !== null && endOf(connection) === endOf(under.pending.connection ?? ''))
    throw new Refusal({
      code: 'refused',
      reason: 'this is the connection that the activation came by: it proves nothing of a new one',
      hint: `from another terminal, without connection sharing: tsm org confirm @${environment.env}`,
    });
  replaceLoosely(environment.activation(id).proof, connection ?? 'console');
  return await follow(layout, environment, id, () => {});
}

function nothingWaits(environment: EnvironmentLayout): Refusal {
  const hint = `tsm org status @${environment.env}`;
  return new Refusal({ code: 'refused', reason: `no activation of ${environment.name} waits to be confirmed`, hint });
}

/** The client's address and port. */
function endOf(connection: string): string {
  return connection.split(' ').slice(0, 2).join(' ');
}
