/** Organization folders. */

import { chmodSync, lstatSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { orgNameProblem } from '../lib/names.js';
import { isErrno, makeFolder, namesIn, syncFolder, writeNew } from './durable.js';
import { type Layout, OrgLayout, temporaryName } from './layout.js';

export interface OrgFile {
  /** Relative to the organization's folder. */
  readonly path: string;
  readonly content: string;
}

/** Every folder there, sorted by code units; whether it is a good organization its manifest tells. */
export function listOrgs(layout: Layout): string[] {
  return namesIn(layout.orgs).filter(name => orgNameProblem(name) === null && isFolder(layout.org(name).root));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    // A link to itself.
    if (isErrno(error, 'ELOOP')) return false;
    throw error;
  }
}

export function hasOrg(layout: Layout, name: string): boolean {
  return lstatSync(layout.org(name).root, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Makes the folder with these files in one step, so that a killed or second `init` leaves nothing half-made. False
 * where something is there already.
 */
export function createOrg(root: string, files: readonly OrgFile[]): boolean {
  if (lstatSync(root, { throwIfNoEntry: false })) return false;
  const parent = dirname(root);
  makeFolder(parent);
  const temporary = join(parent, temporaryName());
  try {
    const { secrets } = new OrgLayout(temporary, '');
    makeFolder(secrets);
    chmodSync(secrets, 0o700);
    for (const { path } of files) makeFolder(dirname(join(temporary, path)));
    writeNew(files.map(({ path, content }) => ({ path: join(temporary, path), content, mode: 0o644 })));
    for (const folder of new Set(files.map(file => dirname(file.path)))) syncFolder(join(temporary, folder));
    renameSync(temporary, root);
    syncFolder(parent);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) return false;
    throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Where a link of that name leads, if it leads nowhere any more: the folder was moved or removed. */
export function danglingLink(layout: Layout, name: string): string | null {
  const path = layout.org(name).root;
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return null;
  return statSync(path, { throwIfNoEntry: false }) ? null : readlinkSync(path);
}

/** Makes a folder elsewhere known under this name; a link that leads nowhere is replaced. False where it is taken. */
export function linkOrg(layout: Layout, name: string, root: string): boolean {
  makeFolder(layout.orgs);
  if (danglingLink(layout, name) !== null) unlinkSync(layout.org(name).root);
  try {
    symlinkSync(root, layout.org(name).root);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
  syncFolder(layout.orgs);
  return true;
}
