/** Organization folders. */

import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isErrno, syncFolder, writeNew } from './durable.js';
import { isTemporary, type Layout, temporaryName } from './layout.js';

export interface OrgFile {
  /** Relative to the organization's folder. */
  readonly path: string;
  readonly content: string;
}

/** Sorted by code units. */
export function listOrgs(layout: Layout): string[] {
  if (!existsSync(layout.orgs)) return [];
  return readdirSync(layout.orgs)
    .filter(name => !isTemporary(name) && existsSync(layout.org(name).manifest))
    .sort();
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
  mkdirSync(parent, { recursive: true });
  const temporary = join(parent, temporaryName());
  try {
    mkdirSync(join(temporary, 'secrets'), { recursive: true });
    chmodSync(join(temporary, 'secrets'), 0o700);
    for (const { path } of files) mkdirSync(dirname(join(temporary, path)), { recursive: true });
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

/** Makes a folder elsewhere known under this name. False where the name is taken. */
export function linkOrg(layout: Layout, name: string, root: string): boolean {
  mkdirSync(layout.orgs, { recursive: true });
  try {
    symlinkSync(root, layout.org(name).root);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
  syncFolder(layout.orgs);
  return true;
}
