/** Writes that survive a power cut: content first, then the name that makes it count, each forced to the disk. */

import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryName } from './layout.js';

/**
 * Makes the folder and those above it, each durable. Another process may be making the same ones. Unlike the recursive
 * mkdir of Node it tells a read-only file system as such.
 */
export function makeFolder(path: string) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return;
    if (!isErrno(error, 'ENOENT') || dirname(path) === path || existsSync(dirname(path))) throw error;
    makeFolder(dirname(path));
    return makeFolder(path);
  }
  syncFolder(dirname(path));
}

/** The names in a folder, sorted by code units; none where there is no such folder. */
export function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** A file, folder or link below another, by its path relative to it. */
export interface Entry {
  readonly path: string;
  readonly isFolder: boolean;
}

/** Everything below a folder, a folder before what it holds. Not the recursive readdir of Node, which came with 18.17. */
export function entriesBelow(root: string, at = ''): Entry[] {
  return readdirSync(join(root, at), { withFileTypes: true }).flatMap(entry => {
    const path = join(at, entry.name);
    const isFolder = entry.isDirectory();
    return [{ path, isFolder }, ...(isFolder ? entriesBelow(root, path) : [])];
  });
}

export interface NewFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Exactly this, whatever the umask. */
  readonly mode: number;
}

/**
 * Creates the files; none may be there yet. All are written before the first is forced to the disk, so that the file
 * system can force them together.
 */
export function writeNew(files: readonly NewFile[]) {
  const open: number[] = [];
  try {
    for (const { path, content, mode } of files) {
      const fd = openSync(path, 'wx', 0o600);
      open.push(fd);
      writeFileSync(fd, content);
      fchmodSync(fd, mode);
    }
    for (const fd of open) fsyncSync(fd);
  } finally {
    for (const fd of open) closeSync(fd);
  }
}

/** Makes the names in a folder durable (fsync(2): a file's own fsync does not cover its name). */
export function syncFolder(path: string) {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Creates a whole file under a name that can be taken once: link(2) fails where it exists, so of several processes
 * exactly one succeeds. The caller syncs the folder. False where the name was taken.
 */
export function publishNew(path: string, content: string | Uint8Array, mode: number): boolean {
  const temporary = join(dirname(path), temporaryName());
  try {
    writeNew([{ path: temporary, content, mode }]);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    removeIfThere(temporary);
  }
}

/** Puts a symlink in the place of whatever link is there, in one step (rename(2)). */
export function replaceLink(path: string, target: string) {
  const temporary = join(dirname(path), temporaryName());
  try {
    symlinkSync(target, temporary);
    renameSync(temporary, path);
  } finally {
    removeIfThere(temporary);
  }
}

/** Replaces a file that may be lost, such as a hint: in one step, but not forced to the disk. */
export function replaceLoosely(path: string, content: string) {
  const temporary = join(dirname(path), temporaryName());
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } finally {
    removeIfThere(temporary);
  }
}

/** Not rmSync, which loads a module of its own for what is one call. */
export function removeIfThere(path: string) {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
