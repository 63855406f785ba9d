/** The nouns that every part shares and no part owns. */

import type { DateTime, Float } from './toml/values.js';

/**
 * A TOML value, held exactly. A `number` is always a whole one that JavaScript holds exactly; larger
 * integers (to 64 bits) are `bigint`; everything with a point, an exponent, `inf` or `nan` is a `Float`.
 */
export type Value = string | boolean | number | bigint | Float | DateTime | readonly Value[] | Table;

/** A TOML table. Made without a prototype, so that `__proto__` is a name like any other. */
export interface Table {
  readonly [key: string]: Value;
}

/** Where a value stands in a document: table keys, and indexes into arrays. */
export type Path = readonly (string | number)[];

/** 1-based; the column counts UTF-16 code units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Who set a value, from the weakest to the strongest. These are the names that tools print. */
export type Layer = 'default' | 'local' | 'profile' | 'override';

/** One setting of an environment, and why it is what it is. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: Value;
  readonly layer: Layer;
  /** Where it stands in local.toml; absent for the layers default and profile. */
  readonly origin?: Path;
  /** The profile's rule; present in the layer profile only. */
  readonly rule?: RuleName;
  /** Dotted keys of the settings that were read to make this value. */
  readonly dependsOn: readonly string[];
  /** What the next weaker layer said. */
  readonly below?: Leaf;
}

export interface RuleName {
  /** The module that states the rule: `server`, `dev`, `staging`, `prod`. */
  readonly profile: string;
  /** The key as the rule has it, `services.*.auto_restart`. */
  readonly key: string;
  readonly reason: string;
}

/** Something wrong with what the user wrote. Problems are collected, so that all are told at once. */
export interface Problem {
  /** One sentence; never a value that could be a secret. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The place in local.toml, as a path: the position is looked up when it is printed. */
  readonly path?: Path;
  /** Point at the key (unknown keys) or, by default, at the value. */
  readonly side?: 'key' | 'value';
  /** The place, where it is already known (syntax errors). */
  readonly at?: Position;
  /** The invariant that is broken; the name that `accept` takes. */
  readonly rule?: string;
  readonly reason?: string;
  readonly key?: string;
  readonly layer?: Layer;
}

/** A broken invariant, or an unmet requirement, that the user accepted in the open. */
export interface Waiver {
  readonly rule: string;
  readonly reason: string;
}

/** Something that only a real server, or a setting still missing, can provide. */
export interface Unmet {
  readonly rule: string;
  readonly key: string;
  readonly reason: string;
  /** What to do. */
  readonly remedy: string;
  /** `source`: a setting is missing. `host`: the activation looks whether it is there. */
  readonly where: 'source' | 'host';
}

/** A file of a bundle. */
export interface BundleFile {
  /** Relative, with `/`: `systemd/acme-prod-api.service`. */
  readonly path: string;
  readonly content: string;
  /** For each line of the content, the dotted keys it came from. */
  readonly lines: readonly (readonly string[])[];
}

export interface Bundle {
  /** The store name: `<address>-<org>-<env>`. */
  readonly name: string;
  readonly org: string;
  readonly env: string;
  /** bundle.json first, then the others by path. */
  readonly files: readonly BundleFile[];
}

/** bundle.json: every other file of the bundle, sorted by path. */
export interface BundleManifest {
  readonly format: number;
  readonly org: string;
  readonly env: string;
  readonly files: readonly BundleManifestFile[];
}

export interface BundleManifestFile {
  readonly path: string;
  /** `0444`. */
  readonly mode: string;
  /** Bytes. */
  readonly size: number;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
}
