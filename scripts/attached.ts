/** An activation, seen from the operator's side: read along whatever happens to the connection, confirmed, or left. */

import { TetraError } from '../lib/errors.js';
import type { ActivationRequest, HostEvent, HostPlan, TimedEvent, Verdict } from '../lib/host/activation.js';
import { connect } from './connection.js';
import { type HostProgram, Remote } from './remote.js';

/** How long a lost connection is looked for beyond the window of the activation, and the pause between two tries, in ms. */
const beyondTheWindow = 240_000;
const pauseBetween = 1000;

/** How long the host may take to call an activation off, in ms, before it is left to itself. */
const leavingTime = 1500;

/** An activation that is read along, whatever happens to the connection. */
export class Attached {
  /** What the host is about to do, and the digest of it, once that is known. */
  plan: HostPlan | undefined;
  digest: string | undefined;
  private crossed = false;
  private decided = false;
  private seen = 0;
  private readonly left = new AbortController();

  constructor(
    private readonly remote: Remote,
    private readonly request: ActivationRequest,
    private readonly program: HostProgram,
    private readonly tell: (event: TimedEvent) => void,
    /** For what is not the host's own word. */
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
      return await new Remote(host, connection, this.program).follow(this.request, hear, this.left.signal);
    } finally {
      await connection.close();
    }
  }

  private hear(event: TimedEvent) {
    this.seen++;
    if (event.event === 'step' && event.step === 'boundary') this.crossed = true;
    if (event.event === 'plan') {
      this.plan = event.plan;
      this.digest = event.digest;
    }
    if (event.event === 'verdict') this.decided = true;
    this.tell(event);
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
        await new Remote(this.remote.host, connection, this.program).confirm(org, env, id);
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
