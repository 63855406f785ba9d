/**
 * Bundles and derivations in the store. Content never changes: an object is written under a temporary name, forced to
 * the disk, verified, and then renamed to the address that proves it. What is there is never overwritten.
 */

import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseBundleManifest } from '../lib/bundle-manifest.js';
import type { DerivationFile } from '../lib/derivation.js';
import { address, sha256 } from '../lib/digest.js';
import { TetraError } from '../lib/errors.js';
import { manifestPath, parseStoreName } from '../lib/names.js';
import type { Bundle, BundleManifest } from '../lib/types.js';
import { entriesBelow, isErrno, makeFolder, publishNew, syncFolder, writeNew } from './durable.js';
import { type Layout, temporaryName } from './layout.js';

/** Makes sure that both are in the store, whole and durable. Returns the bundle's path. */
export function realise(layout: Layout, bundle: Bundle, derivation: DerivationFile): string {
  const path = layout.object(bundle.name);
  makeFolder(layout.store);
  realiseBundle(layout, bundle);
  realiseDerivation(layout, derivation);
  // Also where both were there: who wrote them may have been killed before this, and a record is about to name them.
  syncFolder(layout.store);
  return path;
}

/** @throws bundle-missing or store-damaged, with the next command. */
export function expectBundle(layout: Layout, name: string, hint: string) {
  const path = layout.object(name);
  if (!hasObject(layout, name))
    throw new TetraError('bundle-missing', `the bundle ${name} is gone from the store`, {
      hint,
      facts: { bundle: name, path },
    });
  expectWhole(path, name);
}

/** What the bundle lists of itself. @throws store-damaged where it is not what its name says. */
export function bundleManifest(layout: Layout, name: string): BundleManifest {
  const manifest = readManifest(layout.object(name), name);
  if ('problem' in manifest) throw damaged(manifest.path, manifest.problem);
  return manifest;
}

/** The content of a derivation; `null` where it is gone or not what its name says. */
export function readDerivation(layout: Layout, name: string): string | null {
  const content = readIfThere(layout.object(name));
  return content !== null && `${address(content)}.drv` === name ? content.toString('utf8') : null;
}

export function hasObject(layout: Layout, name: string): boolean {
  return lstatSync(layout.object(name), { throwIfNoEntry: false }) !== undefined;
}

/**
 * Takes a folder on the store's file system as the bundle of that name; `false` where it is there already, which is
 * verified instead. The caller syncs the store.
 * @throws store-damaged where the folder, or what is there, is not what the name says.
 */
export function adoptBundle(layout: Layout, folder: string, name: string): boolean {
  if (isThere(layout, name)) return false;
  const temporary = layout.object(temporaryName());
  try {
    // A folder that moves into another is written to: its `..` changes (rename(2)).
    chmodSync(folder, 0o755);
    renameSync(folder, temporary);
    chmodSync(temporary, 0o555);
    syncFolder(temporary);
    return publishBundle(layout, temporary, name);
  } finally {
    removeBundle(temporary);
  }
}

/** The same for the content of a derivation. */
export function adoptDerivation(layout: Layout, content: string, name: string): boolean {
  if (`${address(content)}.drv` !== name) throw damaged(layout.object(name), 'its content is not what its name says');
  return realiseDerivation(layout, { name, content });
}

function realiseBundle(layout: Layout, bundle: Bundle) {
  if (isThere(layout, bundle.name)) return;
  const temporary = layout.object(temporaryName());
  try {
    writeBundle(temporary, bundle);
    publishBundle(layout, temporary, bundle.name);
  } finally {
    removeBundle(temporary);
  }
}

function isThere(layout: Layout, name: string): boolean {
  if (!hasObject(layout, name)) return false;
  expectWhole(layout.object(name), name);
  return true;
}

/** False where another process was faster. */
function publishBundle(layout: Layout, temporary: string, name: string): boolean {
  const path = layout.object(name);
  expectWhole(temporary, name);
  try {
    renameSync(temporary, path);
    return true;
  } catch (error) {
    // Another process realised the same bundle in between: a folder is not renamed over one that has files.
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    expectWhole(path, name);
    return false;
  }
}

function writeBundle(root: string, bundle: Bundle) {
  const folders = [...new Set(bundle.files.map(file => dirname(file.path)))].sort();
  for (const folder of folders) mkdirSync(join(root, folder));
  writeNew(bundle.files.map(({ path, content }) => ({ path: join(root, path), content, mode: 0o444 })));
  // From the inside out: a folder that may not be written cannot get files.
  for (const folder of folders.reverse()) {
    chmodSync(join(root, folder), 0o555);
    syncFolder(join(root, folder));
  }
}

/** False where it was there. */
function realiseDerivation(layout: Layout, derivation: DerivationFile): boolean {
  const path = layout.object(derivation.name);
  if (!hasObject(layout, derivation.name) && publishNew(path, derivation.content, 0o600)) return true;
  if (readFileSync(path, 'utf8') !== derivation.content) throw damaged(path, 'its content is not what its name says');
  return false;
}

/** Read-only folders have to be opened before they can be emptied. */
export function removeBundle(path: string) {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  // Those that are read-only can be listed as they are.
  for (const entry of entriesBelow(path)) if (entry.isFolder) chmodSync(join(path, entry.path), 0o755);
  chmodSync(path, 0o755);
  rmSync(path, { recursive: true, force: true });
}

function expectWhole(path: string, name: string) {
  const [problem] = bundleProblems(path, name);
  if (problem) throw damaged(problem.path, problem.problem);
}

function damaged(path: string, problem: string): TetraError {
  return new TetraError('store-damaged', `${path}: ${problem}`, {
    hint: 'tsm store verify',
    facts: { path, problem },
  });
}

export interface ObjectProblem {
  readonly path: string;
  readonly problem: string;
}

/**
 * Everything that keeps the folder from being the bundle of that name: the address must be that of bundle.json, which
 * must be of that organization and environment; every file it lists must be there with that mode, size and digest;
 * and there must be nothing else.
 */
export function bundleProblems(root: string, name: string): ObjectProblem[] {
  const manifest = readManifest(root, name);
  if ('problem' in manifest) return [manifest];
  const problems = [...modeProblems(root, 0o555), ...modeProblems(join(root, manifestPath), 0o444)];
  const expected = new Set([manifestPath]);
  for (const file of manifest.files) {
    const path = join(root, file.path);
    for (let at = file.path; at !== '.'; at = dirname(at)) expected.add(at);
    const problem = fileProblem(path, file.size, file.digest);
    if (problem) problems.push({ path, problem });
    else problems.push(...modeProblems(path, Number.parseInt(file.mode, 8)));
  }
  for (const entry of entriesBelow(root)) {
    const path = join(root, entry.path);
    if (!expected.has(entry.path)) problems.push({ path, problem: 'does not belong here' });
    else if (entry.isFolder) problems.push(...modeProblems(path, 0o555));
  }
  return problems;
}

/** A derivation is proved by its name. */
export function derivationProblems(path: string, name: string): ObjectProblem[] {
  const content = readIfThere(path);
  if (content === null) return [{ path, problem: 'is missing' }];
  if (`${address(content)}.drv` !== name) return [{ path, problem: 'its content is not what its name says' }];
  return modeProblems(path, 0o600);
}

function readManifest(root: string, name: string): BundleManifest | ObjectProblem {
  const path = join(root, manifestPath);
  const content = readIfThere(path);
  if (content === null) return { path, problem: 'is missing' };
  const said = parseStoreName(name);
  if (address(content) !== said?.address)
    return { path, problem: 'its content is not what the name of the bundle says' };
  const manifest = parseBundleManifest(content.toString('utf8'));
  if (manifest === null) return { path, problem: 'is no list of the files of a bundle' };
  if (manifest.org === said.org && manifest.env === said.env) return manifest;
  return { path, problem: `is of ${manifest.org} ${manifest.env}, not what the name of the bundle says` };
}

function fileProblem(path: string, size: number, digest: string): string | null {
  const content = readIfThere(path);
  if (content === null) return 'is missing';
  if (content.length !== size) return `has ${content.length} bytes instead of ${size}`;
  return sha256(content) === digest ? null : 'has other content than the bundle says';
}

function modeProblems(path: string, mode: number): ObjectProblem[] {
  const stat = lstatSync(path);
  const actual = stat.mode & 0o7777;
  if (actual === mode) return [];
  return [{ path, problem: `has mode ${octal(actual)} instead of ${octal(mode)}` }];
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return null;
    throw error;
  }
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
