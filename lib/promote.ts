/**
 * The pure function at the heart: (source, organization, profile) -> bundle, or every problem with it.
 *
 * 1. Resolve the layers: default < local < profile < override.
 * 2. Check that the settings make sense together.
 * 3. Check the profile's invariants; a broken one is a problem unless the user accepted it.
 * 4. List the requirements that only a server, or a setting still missing, can meet.
 * 5. Render env.toml, and from it alone the rest of the bundle.
 */

import { bundleFormat, envDocument, renderBundle } from './bundle.js';
import { crossProblems } from './checks/index.js';
import { problemAt } from './checks/subject.js';
import { warningsFor } from './checks/warnings.js';
import { type Derivation, makeDerivation } from './derivation.js';
import { type Resolved, resolve } from './layers.js';
import { nearest } from './nearest.js';
import { type Invariant, invariantsOf, type Profile, type Requirement, requirementsOf } from './profile.js';
import { sections } from './schema/keys.js';
import { Settings } from './settings.js';
import type { Override, Source } from './source.js';
import { formatValue } from './toml/format.js';
import { isTable, newTable } from './toml/values.js';
import type { Bundle, Leaf, Problem, Table, Unmet, Value, Waiver } from './types.js';

export interface Promotion {
  readonly bundle: Bundle;
  /** What its env.toml holds. */
  readonly document: Table;
  readonly derivation: Derivation;
  /** Every setting, by dotted key, with who set it and why. */
  readonly leaves: ReadonlyMap<string, Leaf>;
  readonly unmet: readonly Unmet[];
  readonly waivers: readonly Waiver[];
  readonly warnings: readonly string[];
  /** Tables of local.toml and the override that are handed on untouched. */
  readonly applicationTables: readonly string[];
  readonly problems?: undefined;
}

export type PromotionResult = Promotion | { readonly problems: readonly Problem[] };

/** `profile` is the environment's own, or the one it extends. */
export function promote(source: Source, org: string, env: string, profile: Profile): PromotionResult {
  const override: Override = source.environments[env] ?? { accept: [], settings: newTable() };
  const resolved = resolve(source, override, profile, env);
  const faults = [...resolved.problems];
  if (faults.length === 0) faults.push(...crossProblems(resolved, org, env));
  if (faults.length > 0) return { problems: faults };

  const settings = new Settings(resolved.table);
  const broken = invariantsOf(profile).filter(invariant => !invariant.holds(settings));
  const missing = missingRequirements(profile, settings, resolved);
  const accepted = new Set(override.accept.map(waiver => waiver.rule));
  const problems = [
    ...acceptProblems(override, profile, env),
    ...broken
      .filter(invariant => !accepted.has(invariant.name))
      .map(invariant => brokenProblem(invariant, settings, resolved, env)),
  ];
  if (problems.length > 0) return { problems };

  // Only what is needed is waived: an acceptance of something that holds would wait for the day that it breaks.
  const needed = new Set([...broken.map(invariant => invariant.name), ...missing.map(unmet => unmet.rule)]);
  const waivers = override.accept.filter(waiver => needed.has(waiver.rule));
  const idle = override.accept.filter(waiver => !needed.has(waiver.rule));
  const document = envDocument(resolved.table, org, profile.name, waivers);
  return {
    bundle: renderBundle(document),
    document,
    derivation: makeDerivation(source, org, env, profile.name, bundleFormat),
    leaves: resolved.leaves,
    unmet: missing.filter(unmet => !accepted.has(unmet.rule)),
    waivers,
    applicationTables: applicationTables(resolved.table),
    warnings: [
      ...warningsFor(settings, source, override),
      ...idle.map(waiver => `[[env.${env}.accept]] rule = "${waiver.rule}" is not needed: the rule holds`),
    ],
  };
}

function applicationTables(table: Table): string[] {
  const isEmpty = (value: Value | undefined) => isTable(value) && Object.keys(value).length === 0;
  return Object.keys(table)
    .filter(name => !(name in sections) && !isEmpty(table[name]))
    .sort();
}

function acceptProblems(override: Override, profile: Profile, env: string): Problem[] {
  const names = [...invariantsOf(profile), ...requirementsOf(profile)].map(rule => rule.name);
  return override.accept.flatMap(({ rule }, i) => {
    if (override.accept.findIndex(other => other.rule === rule) < i)
      return [{ message: `accept names ${rule} a second time`, path: ['env', env, 'accept', i, 'rule'] }];
    if (names.includes(rule)) return [];
    const near = nearest(rule, names);
    const hint = near ? `did you mean ${near}?` : `the rules of ${env}: ${names.join(', ')}`;
    return [{ message: `accept names no rule of ${env}`, hint, path: ['env', env, 'accept', i, 'rule'] }];
  });
}

function brokenProblem(invariant: Invariant, settings: Settings, resolved: Resolved, env: string): Problem {
  const value = settings.value(invariant.key) as Value;
  const problem = problemAt(
    resolved.leaves,
    invariant.key,
    `${invariant.key} is ${formatValue(value)}, and must ${invariant.must}: ${invariant.reason}`,
    `to allow it all the same, in the open: [[env.${env}.accept]] rule = "${invariant.name}", reason = "..."`,
  );
  return { ...problem, rule: invariant.name, reason: invariant.reason };
}

function missingRequirements(profile: Profile, settings: Settings, resolved: Resolved): Unmet[] {
  const layerOf = (key: string) => resolved.leaves.get(key)?.layer;
  return requirementsOf(profile).flatMap((requirement: Requirement) => {
    const remedy = requirement.missing(settings, layerOf);
    if (remedy === null) return [];
    const { name, key, reason, where } = requirement;
    return [{ rule: name, key, reason, remedy, where }];
  });
}
