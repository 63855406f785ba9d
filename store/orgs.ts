/** Organization folders. */

import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
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
  return statSync(layout.org(name).root, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Makes the folder with these files in one step, so that a killed or second `init` leaves nothing half-made. False
 * where something of that name is there.
 */
export function createOrg(layout: Layout, name: string, files: readonly OrgFile[]): boolean {
  if (hasOrg(layout, name)) return false;
  mkdirSync(layout.orgs, { recursive: true });
  const temporary = join(layout.orgs, temporaryName());
  try {
    mkdirSync(join(temporary, 'secrets'), { recursive: true });
    chmodSync(join(temporary, 'secrets'), 0o700);
    for (const { path } of files) mkdirSync(dirname(join(temporary, path)), { recursive: true });
    writeNew(files.map(({ path, content }) => ({ path: join(temporary, path), content, mode: 0o644 })));
    for (const folder of new Set(files.map(file => dirname(file.path)))) syncFolder(join(temporary, folder));
    renameSync(temporary, layout.org(name).root);
    syncFolder(layout.orgs);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) return false;
    throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
