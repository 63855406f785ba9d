/** What a profile module states, and the few words it is written in. */

import type { Settings } from './settings.js';
import type { Layer, Unmet, Value } from './types.js';

/** What changes for an environment: data and pure functions. */
export interface Profile {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** A rule here replaces the rule for the same key there. */
  readonly extends?: Profile;
  readonly rules: readonly Rule[];
  readonly invariants: readonly Invariant[];
  readonly requirements: readonly Requirement[];
}

/** What one key becomes. `*` in the key stands for every name: `services.*.auto_restart`. */
export interface Rule {
  readonly key: string;
  readonly reason: string;
  /** The value, or how it is made; `undefined` leaves what the weaker layers say. */
  readonly value: Value | ((scope: RuleScope) => Value | undefined);
}

export interface RuleScope {
  /** The environment that is built: `prod`, or `qa` that extends staging. */
  readonly env: string;
  /** What `*` stands for. */
  readonly name: string;
  /** What the weaker layers say of this very key. */
  readonly below: Value | undefined;
  /** Another setting as it will be in the end, overrides included. */
  get(key: string): Value | undefined;
}

/** What must hold in the end, whoever set the values. A broken one fails the promote unless it is accepted. */
export interface Invariant {
  /** The name that `accept` takes. */
  readonly name: string;
  readonly reason: string;
  /** The key to blame. */
  readonly key: string;
  readonly holds: (settings: Settings) => boolean;
  /** Completes "`<key>` is ..., but must ...". */
  readonly must: string;
}

/** What a promote cannot make true. */
export interface Requirement {
  readonly name: string;
  readonly reason: string;
  readonly key: string;
  readonly where: Unmet['where'];
  /** What is missing, if it is. */
  readonly missing: (settings: Settings, layerOf: (key: string) => Layer | undefined) => string | null;
}

export function set(key: string, value: Value, reason: string): Rule {
  return { key, value, reason };
}

export function derive(key: string, reason: string, value: (scope: RuleScope) => Value | undefined): Rule {
  return { key, value, reason };
}

export function must(
  name: string,
  key: string,
  says: string,
  reason: string,
  holds: (settings: Settings) => boolean,
): Invariant {
  return { name, key, must: says, reason, holds };
}

/** The rule as people see it, with the profile that states it. */
export interface StatedRule extends Rule {
  readonly profile: string;
}

/** All rules of a profile, those of what it extends first; the nearer one wins. */
export function rulesOf(profile: Profile): StatedRule[] {
  const rules = new Map<string, StatedRule>();
  for (const module of lineage(profile))
    for (const rule of module.rules) rules.set(rule.key, { ...rule, profile: module.name });
  return [...rules.values()];
}

export function invariantsOf(profile: Profile): Invariant[] {
  return lineage(profile).flatMap(module => module.invariants);
}

export function requirementsOf(profile: Profile): Requirement[] {
  return lineage(profile).flatMap(module => module.requirements);
}

function lineage(profile: Profile): Profile[] {
  return profile.extends ? [...lineage(profile.extends), profile] : [profile];
}

/** The profile of an environment: its own module, or the one that `[env.NAME] extends`. */
export function profileFor(
  env: string,
  base: string | undefined,
  profiles: Readonly<Record<string, Profile>>,
): Profile | undefined {
  const name = Object.hasOwn(profiles, env) ? env : base;
  return name !== undefined && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
}
