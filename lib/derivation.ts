/**
 * The derivation: everything that decides a bundle, as data. It is stored beside the bundle, so that a generation can
 * be explained, compared and rendered again when local.toml has long moved on.
 */

import { address } from './digest.js';
import { canonicalJson } from './json.js';
import type { Source } from './source.js';
import { formatToml } from './toml/format.js';

export interface Derivation {
  readonly format: number;
  readonly org: string;
  readonly env: string;
  readonly profile: { readonly name: string };
  /** The source as canonical TOML: comments and layout are gone, every value is there exactly. */
  readonly source: string;
}

export function makeDerivation(source: Source, org: string, env: string, profile: string, format: number): Derivation {
  return { format, org, env, profile: { name: profile }, source: formatToml(source.document) };
}

/** `<40 hex digits>.drv` and its content. */
export interface DerivationFile {
  readonly name: string;
  readonly content: string;
}

export function derivationFile(derivation: Derivation): DerivationFile {
  const content = `${canonicalJson({ ...derivation })}\n`;
  return { name: `${address(content)}.drv`, content };
}

/** `null` where it is not a derivation of a format that we know. */
export function parseDerivation(content: string): Derivation | null {
  try {
    const value = JSON.parse(content) as Partial<Derivation>;
    const { format, org, env, profile, source } = value;
    const texts = [org, env, source, profile?.name];
    return typeof format === 'number' && texts.every(text => typeof text === 'string') ? (value as Derivation) : null;
  } catch {
    return null;
  }
}
