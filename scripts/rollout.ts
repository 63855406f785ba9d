/**
 * A generation to its hosts, one after the other. The first that does not take it stops the rest, so that a bad change
 * costs one host.
 */

import { randomBytes } from 'node:crypto';
import { TetraError } from '../lib/errors.js';
import type {
  ActivationRequest,
  HostEvent,
  RefusalCode,
  StepName,
  TimedEvent,
  Verdict,
} from '../lib/host/activation.js';
import type { Host } from '../lib/hosts.js';
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
    const activation = new Attached(remote, request, rollout, say);
    signal?.addEventListener('abort', () => activation.leave());
    const verdict = await activation.verdict();
    return { host: host.name, id, digest: activation.digest, ...verdict };
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

/** How long a lost connection is looked for beyond the window of the activation, and the pause between two tries, in ms. */
const beyondTheWindow = 240_000;
const pauseBetween = 1000;

/** How long the host may take to call an activation off, in ms, before it is left to itself. */
const leavingTime = 1500;

/** An activation that is read along, whatever happens to the connection. */
class Attached {
  /** Of the plan, once it is known. */
  digest: string | undefined;
  private crossed = false;
  private decided = false;
  private seen = 0;
  private readonly left = new AbortController();

  constructor(
    private readonly remote: Remote,
    private readonly request: ActivationRequest,
    private readonly rollout: Rollout,
    private readonly say: (event: HostEvent) => void,
  ) {}

  async verdict(): Promise<Verdict> {
    try {
      return await this.remote.activate(this.request, event => this.hear(event), this.left.signal);
    } catch (error) {
      if (this.left.signal.aborted) return this.leftVerdict();
      if (!(error instanceof TetraError) || (error.code !== 'unreachable' && !this.crossed)) throw error;
      return await this.reattach(error);
    } finally {
      this.left.abort();
    }
  }

  /** Before the boundary the host is told to stop; behind it, it goes on by itself. */
  leave() {
    if (this.crossed) this.left.abort();
    else void this.callOff();
  }

  /** Again and again, since the host may not have begun it yet. */
  private async callOff() {
    const limit = setTimeout(() => this.left.abort(), leavingTime);
    this.left.signal.addEventListener('abort', () => clearTimeout(limit));
    while (!this.crossed && !this.left.signal.aborted) {
      await this.remote.cancel(this.request).catch(() => {});
      await new Promise(resolve => setTimeout(resolve, 200));
    }
  }

  private leftVerdict(): Verdict {
    const { env } = this.request;
    const verdict: Verdict = {
      outcome: 'unreachable',
      code: 'unreachable',
      reason: 'left alone: the host goes on by itself, and takes itself back unless somebody confirms',
      hint: `tsm org status @${env}, tsm org confirm @${env} or tsm org revert @${env}`,
      generation: null,
      bundle: null,
      held: [],
    };
    this.say({ event: 'verdict', verdict });
    return verdict;
  }

  private async reattach(first: TetraError): Promise<Verdict> {
    this.say({ event: 'note', step: 'connect', text: 'the connection is lost; the host goes on by itself' });
    const end = Date.now() + this.patience();
    while (Date.now() < end && !this.left.signal.aborted) {
      await new Promise(resolve => setTimeout(resolve, pauseBetween));
      try {
        return await this.followAgain();
      } catch (error) {
        if (!(error instanceof TetraError) || error.code !== 'unreachable') throw error;
      }
    }
    throw first;
  }

  /** As long as the host may take to come to a verdict, and to start again. */
  private patience(): number {
    return (this.request.soak + this.request.confirmTimeout) * 1000 + beyondTheWindow;
  }

  /** From the first event on; those that were heard already are passed over. */
  private async followAgain(): Promise<Verdict> {
    const { host } = this.remote;
    const connection = await connect(host);
    try {
      let toSkip = this.seen;
      const hear = (event: TimedEvent) => {
        // A power cut may have taken events along that were heard already, the verdict comes in any case.
        if (toSkip-- <= 0 || event.event === 'verdict') this.hear(event);
      };
      return await new Remote(host, connection, this.rollout.program).follow(this.request, hear, this.left.signal);
    } finally {
      await connection.close();
    }
  }

  private hear(event: TimedEvent) {
    this.seen++;
    if (event.event === 'step' && event.step === 'boundary') this.crossed = true;
    if (event.event === 'plan') this.digest = event.digest;
    if (event.event === 'verdict') this.decided = true;
    this.rollout.hear(event);
    if (event.event === 'awaiting' && event.confirm === 'auto') void this.confirm();
  }

  /**
   * By a new connection: one that is there already says nothing of whether the next gets in. Tried until there is a
   * verdict, since a busy sshd may turn one away. Without a proof the host takes itself back: that is the answer.
   */
  private async confirm() {
    const { org, env, id } = this.request;
    let isTold = false;
    while (!this.decided && !this.left.signal.aborted) {
      try {
        const connection = await connect(this.remote.host, { fresh: true });
        await new Remote(this.remote.host, connection, this.rollout.program).confirm(org, env, id);
        return;
      } catch (error) {
        if (this.decided) return;
        const text = `a new connection does not get in: ${wordsOf(error)}`;
        if (!isTold) this.say({ event: 'note', step: 'confirm', text });
        isTold = true;
        await new Promise(resolve => setTimeout(resolve, pauseBetween));
      }
    }
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
