/** Unpacks an archive into a folder of our own, forced to the disk. */

import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { quoted } from '../../lib/text.js';
import { type NewFile, syncFolder, writeNew } from '../../store/durable.js';
import { type Limits, readTar, refused } from './tar.js';

/** Files that are open at once, and bytes that wait in memory for it. */
const batch = { files: 128, bytes: 4 << 20 };

/**
 * Writes the files of the archive below the folder, which is there and empty: files 0444, folders 0555. Returns their
 * paths. Where it throws, some of them may be there.
 * @throws invalid-input where the archive is not what `packBundle` makes, or crosses a limit.
 */
export async function unpack(stream: AsyncIterable<Uint8Array>, folder: string, limits: Limits): Promise<string[]> {
  const tree = new Tree();
  let waiting: NewFile[] = [];
  let bytes = 0;
  for await (const { path, content } of readTar(stream, limits)) {
    const folders = tree.add(path);
    if (tree.files.size + tree.folders.size > limits.files)
      throw refused(`holds more than ${limits.files} files and folders`);
    for (const name of folders) mkdirSync(join(folder, name), { mode: 0o700 });
    waiting.push({ path: join(folder, path), content, mode: 0o444 });
    bytes += content.length;
    if (waiting.length < batch.files && bytes < batch.bytes) continue;
    writeNew(waiting);
    waiting = [];
    bytes = 0;
  }
  writeNew(waiting);
  // From the inside out: a folder that may not be written cannot get files.
  for (const name of [...tree.folders].reverse()) {
    chmodSync(join(folder, name), 0o555);
    syncFolder(join(folder, name));
  }
  syncFolder(folder);
  return [...tree.files];
}

/** The names so far: each stands for one file, or for one folder. */
class Tree {
  readonly files = new Set<string>();
  /** Each after the one it lies in. */
  readonly folders = new Set<string>();

  /** Returns the folders that are new, the outermost first. */
  add(path: string): string[] {
    if (this.files.has(path) || this.folders.has(path)) throw refused(`holds ${quoted(path)} twice`);
    this.files.add(path);
    const added: string[] = [];
    for (let at = dirname(path); at !== '.' && !this.folders.has(at); at = dirname(at)) {
      if (this.files.has(at)) throw refused(`holds ${quoted(at)} as a file and as a folder`);
      added.unshift(at);
    }
    for (const name of added) this.folders.add(name);
    return added;
  }
}
