/**
 * Changes to files that were prepared as a whole, so that going there and coming back are renames only: they need no
 * room on the disk, each can be repeated, and whoever dies in the middle can be followed by somebody else.
 */

import { linkSync, lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isErrno, makeFolder, removeIfThere, syncFolder, writeNew } from '../../store/durable.js';

/** What a path shall be: a file, a symlink, or nothing. */
export type Content =
  | { readonly kind: 'file'; readonly text: string; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }
  | null;

export interface Change {
  readonly path: string;
  readonly content: Content;
}

/** A prepared change. */
export interface Swap {
  readonly path: string;
  /** What it will be, under another name on the same file system; `null` where it will be nothing. */
  readonly next: string | null;
  /** What it was, likewise. */
  readonly back: string | null;
}

/** Writes what the paths will be, and keeps what they are, into a new folder; all of it is durable afterwards. */
export function prepare(changes: readonly Change[], folder: string): Swap[] {
  discard(folder);
  makeFolder(folder);
  const swaps = changes.map(({ path, content }, i): Swap => {
    makeFolder(dirname(path));
    const next = content === null ? null : join(folder, `next-${i}`);
    const back = exists(path) ? join(folder, `back-${i}`) : null;
    // A hard link keeps the old content without needing room; of a symlink it keeps the link itself (link(2)).
    if (back) linkSync(path, back);
    if (next && content?.kind === 'link') symlinkSync(content.target, next);
    return { path, next, back };
  });
  const files = changes.flatMap(({ content }, i) =>
    content?.kind === 'file' ? [{ path: join(folder, `next-${i}`), content: content.text, mode: content.mode }] : [],
  );
  writeNew(files);
  syncFolder(folder);
  return swaps;
}

/** Makes every path what it shall be. */
export function forward(swaps: readonly Swap[]) {
  for (const { path, next } of swaps) {
    if (next === null) removeIfThere(path);
    else renameIfThere(next, path);
  }
  syncFolders(swaps);
}

/** Makes every path what it was, however far `forward` came. */
export function back(swaps: readonly Swap[]) {
  for (const swap of swaps) {
    if (swap.back !== null) renameIfThere(swap.back, swap.path);
    else if (swap.next !== null && !exists(swap.next)) removeIfThere(swap.path);
  }
  syncFolders(swaps);
}

/** Takes away what was prepared, used or not. */
export function discard(folder: string) {
  rmSync(folder, { recursive: true, force: true });
}

function syncFolders(swaps: readonly Swap[]) {
  for (const folder of new Set(swaps.map(swap => dirname(swap.path)))) syncFolder(folder);
}

function renameIfThere(from: string, to: string) {
  try {
    renameSync(from, to);
  } catch (error) {
    // It was renamed before, by us or by somebody who was killed afterwards.
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
