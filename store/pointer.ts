/**
 * An environment's pointer, `environments/<env>.toml`: a symlink to the env.toml of the bundle that is wanted. The log
 * is the truth and the link follows from it, so a stale link is mended without a word.
 */

import { lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseStoreName } from '../lib/names.js';
import { replaceLink, syncFolder } from './durable.js';
import type { Layout, OrgLayout } from './layout.js';

export type Pointer =
  | { readonly state: 'missing' }
  /** A link into the store, to this bundle. */
  | { readonly state: 'link'; readonly bundle: string }
  /** A file, a folder or a link to somewhere else: somebody put it there. */
  | { readonly state: 'foreign'; readonly content: string | null };

export function readPointer(org: OrgLayout, env: string): Pointer {
  const path = org.pointer(env);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return { state: 'missing' };
  if (!stat.isSymbolicLink()) return { state: 'foreign', content: stat.isFile() ? readFileSync(path, 'utf8') : null };
  const match = /(?:^|\/)store\/([^/]+)\/env\.toml$/.exec(readlinkSync(path));
  const bundle = match?.[1];
  return bundle && parseStoreName(bundle) ? { state: 'link', bundle } : { state: 'foreign', content: null };
}

/**
 * Points the environment at what the log says. Somebody else may append in between and be overtaken by our rename, so
 * the head is read again afterwards, until it stands still.
 */
export function follow(layout: Layout, org: OrgLayout, env: string, wanted: () => string | null): void {
  for (let bundle = wanted(); bundle !== null; ) {
    const pointer = readPointer(org, env);
    if (pointer.state === 'foreign') return;
    if (pointer.state === 'missing' || pointer.bundle !== bundle) repoint(layout, org, env, bundle);
    const now = wanted();
    if (now === bundle) return;
    bundle = now;
  }
}

function repoint(layout: Layout, org: OrgLayout, env: string, bundle: string) {
  mkdirSync(org.environments, { recursive: true });
  const store = relative(realpathSync(org.environments), realpathSync(layout.store));
  replaceLink(org.pointer(env), join(store, bundle, 'env.toml'));
  syncFolder(org.environments);
}

/** Moves what somebody put in the pointer's place beside it. Returns the new path. */
export function setAside(org: OrgLayout, env: string, stamp: string): string {
  const path = join(org.environments, `${env}.toml.by-hand-${stamp}`);
  renameSync(org.pointer(env), path);
  return path;
}
