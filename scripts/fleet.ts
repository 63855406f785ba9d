/** Hosts that are asked something at the same time, each on a connection of its own. */

import { TetraError } from '../lib/errors.js';
import type { Host } from '../lib/hosts.js';
import { connect } from './connection.js';
import { type HostProgram, Remote } from './remote.js';

export type Answer<T> =
  | { readonly host: Host; readonly value: T; readonly error?: undefined }
  | { readonly host: Host; readonly error: TetraError };

/** In the order of the hosts; one that is out of reach slows nobody down. `fresh`: on connections that are new. */
export function askAll<T>(
  hosts: readonly Host[],
  program: HostProgram,
  ask: (remote: Remote) => Promise<T>,
  fresh = false,
): Promise<Answer<T>[]> {
  return Promise.all(hosts.map(host => askOne(host, program, ask, fresh)));
}

async function askOne<T>(
  host: Host,
  program: HostProgram,
  ask: (remote: Remote) => Promise<T>,
  fresh: boolean,
): Promise<Answer<T>> {
  try {
    const connection = await connect(host, { fresh });
    try {
      return { host, value: await ask(new Remote(host, connection, program)) };
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (error instanceof TetraError) return { host, error };
    throw error;
  }
}
