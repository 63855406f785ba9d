/** What goes to a host, as one tar archive: a form for the way only, never hashed or kept. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Header, Pax } from 'tar';
import { byCodeUnits } from '../lib/text.js';
import { entriesBelow } from '../store/durable.js';
import type { Layout } from '../store/layout.js';

export interface ArchiveEntry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly content: Buffer;
}

const blockSize = 512;

/**
 * The archive of these files: not compressed, sorted by path, of mode 0444, of no time and no owner; so the same files
 * give the same bytes. `host/tar.ts` reads it, and nothing else.
 */
export function packBundle(entries: readonly ArchiveEntry[]): Buffer {
  const sorted = [...entries].sort((a, b) => byCodeUnits(a.path, b.path));
  // Two blocks of zeros are the end (pax(1), ustar Interchange Format).
  return Buffer.concat([...sorted.flatMap(packEntry), Buffer.alloc(2 * blockSize)]);
}

function packEntry({ path, content }: ArchiveEntry): Buffer[] {
  const header = new Header({ path, mode: 0o444, size: content.length, mtime: new Date(0), type: 'File' });
  const needsLongPath = header.encode();
  return [
    ...(needsLongPath ? [new Pax({ path }).encode()] : []),
    header.block as Buffer,
    content,
    Buffer.alloc(-content.length & (blockSize - 1)),
  ];
}

/** An object of the store as it goes to a host: a derivation, or every file of a bundle, below `store/`. */
export function objectEntries(layout: Layout, name: string): ArchiveEntry[] {
  const root = layout.object(name);
  if (name.endsWith('.drv')) return [{ path: `store/${name}`, content: readFileSync(root) }];
  return entriesBelow(root)
    .filter(entry => !entry.isFolder)
    .map(({ path }) => ({ path: `store/${name}/${path}`, content: readFileSync(join(root, path)) }));
}
