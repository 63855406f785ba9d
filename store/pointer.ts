/**
 * An environment's pointer, `environments/<env>.toml`: a symlink to the env.toml of the bundle that is wanted. The log
 * is the truth and the link follows from it, so a stale link is mended without a word.
 */

import { lstatSync, readFileSync, readlinkSync, realpathSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseStoreName } from '../lib/names.js';
import { makeFolder, replaceLink, syncFolder } from './durable.js';
import type { Layout, OrgLayout } from './layout.js';

export type Pointer =
  | { readonly state: 'missing' }
  /** A link as tsm makes them, to a bundle's env.toml; `target` is its text. */
  | { readonly state: 'link'; readonly bundle: string; readonly target: string }
  /** A file, a folder or a link to somewhere else: somebody put it there. */
  | { readonly state: 'foreign'; readonly content: string | null };

export function readPointer(org: OrgLayout, env: string): Pointer {
  const path = org.pointer(env);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return { state: 'missing' };
  if (!stat.isSymbolicLink()) return { state: 'foreign', content: stat.isFile() ? readFileSync(path, 'utf8') : null };
  const target = readlinkSync(path);
  const bundle = /(?:^|\/)store\/([^/]+)\/env\.toml$/.exec(target)?.[1];
  return bundle && parseStoreName(bundle) ? { state: 'link', bundle, target } : { state: 'foreign', content: null };
}

/** What the link to a bundle says: relative, so that the whole folder can be moved. */
export function pointerTarget(layout: Layout, org: OrgLayout, bundle: string): string {
  const store = relative(realpathSync(org.environments), realpathSync(layout.store));
  return join(store, bundle, 'env.toml');
}

/**
 * Points the environment at what the log says. Somebody else may append in between and be overtaken by our rename, so
 * the head is read again afterwards, until it stands still.
 */
export function follow(layout: Layout, org: OrgLayout, env: string, wanted: () => string | null): void {
  for (let bundle = wanted(); bundle !== null; ) {
    const pointer = readPointer(org, env);
    if (pointer.state === 'foreign') return;
    makeFolder(org.environments);
    const target = pointerTarget(layout, org, bundle);
    if (pointer.state === 'missing' || pointer.target !== target) {
      replaceLink(org.pointer(env), target);
      syncFolder(org.environments);
    }
    const now = wanted();
    if (now === bundle) return;
    bundle = now;
  }
}

/** Moves what somebody put in the pointer's place beside it. Returns the new path. */
export function setAside(org: OrgLayout, env: string, stamp: string): string {
  const path = join(org.environments, `${env}.toml.by-hand-${stamp}`);
  renameSync(org.pointer(env), path);
  return path;
}
