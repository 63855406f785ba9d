/** The nouns of an activation: what is asked of a host, what it is about to do, what it says on the way, what came of it. */

import type { UnitStep } from './plan.js';

/** What an operator asks of a host. */
export interface ActivationRequest {
  /** 16 hex digits, chosen by the operator's side, so that it can look for the activation after a lost connection. */
  readonly id: string;
  readonly org: string;
  readonly env: string;
  /** Store name. */
  readonly bundle: string;
  /** The operator's generation. */
  readonly generation: number;
  /** `user@host` of the operator. */
  readonly by: string;
  /** The newest record of the host's chain, as the operator's own log has it; absent where no operator's log is behind it. */
  readonly chain?: { readonly seq: number; readonly digest: string };
  /** The host's roles, by the manifest. */
  readonly roles: readonly string[];
  /** The operator's connection, as sshd(8) tells it in SSH_CONNECTION; `null` on a console or a local host. */
  readonly connection: string | null;
  readonly confirm: 'auto' | 'manual' | 'none';
  /** Seconds. */
  readonly confirmTimeout: number;
  /** Seconds. */
  readonly soak: number;
  /** Why sick services shall not be taken back. */
  readonly noRevert?: string;
  /** Why the rules may lock the operator out. */
  readonly noGuard?: string;
  /** The digest of the plan that was reviewed. */
  readonly plan?: string;
  readonly dryRun?: boolean;
}

/** A file of the host that an activation writes, replaces or takes away. */
export interface FileStep {
  /** Absolute. */
  readonly path: string;
  readonly change: 'added' | 'changed' | 'removed';
  /** SHA-256 of what is there and of what will be: a link's is that of its target. `null` for nothing. */
  readonly from: string | null;
  readonly to: string | null;
}

/** What an activation is about to do, made from what the host is. The same data is shown, digested and carried out. */
export interface HostPlan {
  readonly org: string;
  readonly env: string;
  /** Store names; `from` is `null` where nothing was active. */
  readonly from: string | null;
  readonly to: string;
  readonly units: readonly UnitStep[];
  readonly files: readonly FileStep[];
  readonly firewall: FirewallStep;
}

export interface FirewallStep {
  readonly change: 'none' | 'load' | 'remove';
  /** Listening ports that the rules would close to everybody: `tcp 8080 (python3)`. */
  readonly closes: readonly string[];
}

/** The steps of an activation, in their order. Those before `boundary` touch nothing that is live. */
export const stepNames = [
  'connect',
  'ship',
  'lease',
  'verify',
  'plan',
  'check',
  'stage',
  'boundary',
  'stop',
  'switch',
  'reload',
  'firewall',
  'start',
  'watch',
  'confirm',
  'revert',
] as const;

export type StepName = (typeof stepNames)[number];

/** One line of an activation's event stream. Steps follow each other: a new one ends the one before it. */
export type HostEvent =
  | { readonly event: 'step'; readonly step: StepName; readonly text: string }
  /** Something worth telling within a step. */
  | { readonly event: 'note'; readonly step: StepName; readonly text: string }
  | { readonly event: 'plan'; readonly plan: HostPlan; readonly digest: string }
  /** The host waits for the proof that the operator still gets in. */
  | { readonly event: 'awaiting'; readonly id: string; readonly seconds: number; readonly confirm: 'auto' | 'manual' }
  | { readonly event: 'verdict'; readonly verdict: Verdict };

/** An event with the host it came from; `at` is in ms since the activation began there. */
export type TimedEvent = HostEvent & { readonly host: string; readonly at: number };

export type HostOutcome =
  | 'confirmed'
  | 'reverted'
  | 'revert-failed'
  | 'refused'
  | 'unreachable'
  | 'unchanged'
  | 'planned'
  /** Sent, and not activated. */
  | 'shipped';

/** What an activation came to on a host. */
export interface Verdict {
  readonly outcome: HostOutcome;
  /** The operator's generation that is active now; `null` where none is. */
  readonly generation: number | null;
  /** Store name of what is active now. */
  readonly bundle: string | null;
  /** One sentence: why it was refused or reverted, or what to know of a confirmed one. */
  readonly reason?: string;
  /** A refusal's error code, which decides the exit code. */
  readonly code?: RefusalCode;
  /** The next command. */
  readonly hint?: string;
  /** Further lines: every failed check, the last lines of a sick unit's journal. */
  readonly details?: readonly string[];
  /** Units left as they were though the bundle changes them. */
  readonly held: readonly string[];
}

export type RefusalCode = 'refused' | 'busy' | 'moved' | 'invalid-input' | 'permission' | 'unreachable';
