/**
 * A generation to its hosts, one after the other. The first that does not take it stops the rest, so that a bad change
 * costs one host.
 */

import { randomBytes } from 'node:crypto';
import { TetraError } from '../lib/errors.js';
import type {
  ActivationRequest,
  HostEvent,
  HostPlan,
  RefusalCode,
  StepName,
  TimedEvent,
  Verdict,
} from '../lib/host/activation.js';
import type { Host } from '../lib/hosts.js';
import { Attached } from './attached.js';
import { type Connection, connect } from './connection.js';
import { type HostProgram, type Probe, Remote } from './remote.js';
import { type Cargo, ship } from './ship.js';

export interface Rollout {
  readonly hosts: readonly Host[];
  readonly cargo: Cargo;
  readonly program: HostProgram;
  /** The request but for what differs by host. */
  readonly request: Omit<ActivationRequest, 'id' | 'chain' | 'roles' | 'connection'>;
  readonly hear: (event: TimedEvent) => void;
  /** Send what is missing first. */
  readonly ships: boolean;
  /** Make it live. */
  readonly activates: boolean;
  /** The operator wants to go: before the boundary the activation is called off, after it is left to itself. */
  readonly signal?: AbortSignal;
}

export interface HostResult extends Verdict {
  readonly host: string;
  /** The activation's; absent where none was begun. */
  readonly id?: string;
  readonly plan?: HostPlan;
  /** Of the plan. */
  readonly digest?: string;
}

/** In the order of the hosts. Those after the first failure are not in it. */
export async function rollOut(rollout: Rollout): Promise<HostResult[]> {
  const results: HostResult[] = [];
  for (const host of rollout.hosts) {
    const result = await activateOn(host, rollout);
    results.push(result);
    if (!isDone(result) || rollout.signal?.aborted) break;
  }
  return results;
}

export function isDone({ outcome, reason }: Verdict): boolean {
  return ['unchanged', 'planned', 'shipped'].includes(outcome) || (outcome === 'confirmed' && reason === undefined);
}

async function activateOn(host: Host, rollout: Rollout): Promise<HostResult> {
  const began = Date.now();
  const { signal } = rollout;
  const say = (event: HostEvent) => rollout.hear({ ...event, host: host.name, at: Date.now() - began });
  const step = (name: StepName, text: string) => say({ event: 'step', step: name, text });
  const id = randomBytes(8).toString('hex');
  let connection: Connection | undefined;
  try {
    step('connect', host.address.kind === 'local' ? host.address.root : host.address.destination);
    connection = await connect(host, { signal });
    const remote = new Remote(host, connection, rollout.program);
    const shipping = ship(remote, rollout.cargo, {
      send: rollout.ships,
      step,
      note: text => say({ event: 'note', step: 'ship', text }),
    });
    const probe = await unlessLeft(shipping, signal);
    if (!rollout.activates) {
      const { recorded } = probe.status ?? {};
      const active = { generation: recorded?.generation ?? null, bundle: recorded?.bundle ?? null };
      const verdict: Verdict = { outcome: 'shipped', held: [], ...active };
      say({ event: 'verdict', verdict });
      return { host: host.name, ...verdict };
    }
    const chain = chainOf(rollout, probe);
    const request = { ...rollout.request, id, chain, roles: host.roles, connection: probe.connection };
    const activation = new Attached(remote, request, rollout.program, rollout.hear, say);
    signal?.addEventListener('abort', () => activation.leave());
    const verdict = await activation.verdict();
    return { host: host.name, id, plan: activation.plan, digest: activation.digest, ...verdict };
  } catch (error) {
    const known = signal?.aborted ? calledOff : error;
    if (!(known instanceof TetraError)) throw error;
    const verdict = verdictOfError(known);
    say({ event: 'verdict', verdict });
    return { host: host.name, ...verdict };
  } finally {
    await connection?.close();
  }
}

/** Before the activation is handed over nobody has to be told: the connection ends, and what came by it with it. */
const calledOff = new TetraError('refused', 'called off before anything was touched');

/** The work, unless the operator leaves first. */
async function unlessLeft<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(calledOff);
    signal.addEventListener('abort', leave);
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** What the host's chain ends with, by the operator's own log. @throws moved where that log has no such record. */
function chainOf({ cargo, ships, request }: Rollout, { status }: Probe): ActivationRequest['chain'] {
  const seq = ships ? cargo.newest : status?.chain?.seq;
  if (seq === undefined) return undefined;
  const digest = cargo.digest(seq);
  if (digest !== undefined) return { seq, digest };
  throw new TetraError('moved', `the host is on generation ${status?.chain?.generation}, which you don't have`, {
    hint: `take over history/${request.env} from whoever promoted it, then run the command again`,
  });
}

function verdictOfError(error: TetraError): Verdict {
  const outcome = error.code === 'unreachable' ? 'unreachable' : 'refused';
  return {
    outcome,
    code: error.code as RefusalCode,
    reason: error.message,
    hint: error.hint,
    generation: null,
    bundle: null,
    held: [],
  };
}
