/**
 * Takes what an operator ships: one archive with the objects that the host lacks, and the operator's log. Nothing of it
 * counts before all of it proved to be what its name says.
 *
 * 1. Unpack under a temporary name in the store.
 * 2. Verify every object, and that the log continues the host's chain.
 * 3. Rename the objects, derivations first, and force the names to the disk.
 * 4. Append to the chain.
 *
 * Killed anywhere, it leaves whole objects, and a temporary folder that a later one removes.
 */

import { chmodSync, lstatSync, mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseStoreName } from '../../lib/names.js';
import { quoted } from '../../lib/text.js';
import {
  adoptBundle,
  adoptDerivation,
  bundleProblems,
  derivationProblems,
  type ObjectProblem,
  removeBundle,
} from '../../store/bundles.js';
import { isErrno, makeFolder, namesIn, syncFolder } from '../../store/durable.js';
import { isTemporary, type Layout, temporaryName } from '../../store/layout.js';
import type { Logged } from '../../store/log.js';
import { type Checksum, loadChecksum } from '../../store/record.js';
import { Chain, type ChainOwner, splitLines } from './chain.js';
import { type Limits, refused } from './tar.js';
import { unpack } from './unpack.js';

export interface Received {
  /** Store names of the objects that were not there before: derivations, then bundles. */
  readonly added: readonly string[];
  /** The newest record of the chain afterwards. */
  readonly head: Logged;
}

/** A bundle has some ten files, and a record half a kilobyte. */
export const receiveLimits: Limits = { files: 20_000, fileBytes: 32 << 20, bytes: 256 << 20 };

/** Milliseconds after which a temporary name belongs to somebody who was killed. */
const abandoned = 60 * 60 * 1000;

/**
 * The archive holds `store/<bundle>/...`, `store/<digest>.drv` and `chain`. The caller holds the host's lease.
 * @throws invalid-input where something is not what it says, moved where the operator's log does not continue the chain,
 * store-damaged where an object that was there already is not whole.
 */
export async function receive(
  layout: Layout,
  stream: AsyncIterable<Uint8Array>,
  owner: ChainOwner,
  limits: Limits = receiveLimits,
): Promise<Received> {
  makeFolder(layout.store);
  removeAbandoned(layout);
  const folder = layout.object(temporaryName());
  try {
    mkdirSync(folder, { mode: 0o700 });
    await unpack(stream, folder, limits);
    return take(layout, folder, owner, await loadChecksum());
  } finally {
    removeBundle(folder);
  }
}

function take(layout: Layout, folder: string, owner: ChainOwner, checksum: Checksum): Received {
  const foreign = namesIn(folder).find(name => name !== 'store' && name !== 'chain');
  if (foreign !== undefined) throw refused(`holds ${quoted(foreign)}, which is neither store nor chain`);
  const objects = join(folder, 'store');
  const names = namesIn(objects);
  for (const name of names) verify(join(objects, name), name, owner);
  const chain = new Chain(layout.chain(owner.org, owner.env), checksum);
  const lines = chain.extension(readChainFile(join(folder, 'chain')), owner);
  if (names.length > 0) chmodSync(objects, 0o700);
  const derivations = names.filter(isDerivation);
  const bundles = names.filter(name => !isDerivation(name));
  const added = [
    ...derivations.filter(name => adoptDerivation(layout, readFileSync(join(objects, name), 'utf8'), name)),
    ...bundles.filter(name => adoptBundle(layout, join(objects, name), name)),
  ];
  // Also where all were there: who wrote them may have been killed before this, and the chain is about to name them.
  syncFolder(layout.store);
  chain.append(lines);
  return { added, head: chain.head as Logged };
}

const isDerivation = (name: string): boolean => name.endsWith('.drv');

function verify(path: string, name: string, { org, env }: ChainOwner) {
  const [problem] = isDerivation(name) ? privateDerivationProblems(path, name) : bundleProblems(path, name);
  if (problem) throw refused(`holds ${quoted(name)}, which is not what its name says: ${problem.problem}`);
  const said = parseStoreName(name);
  if (said && (said.org !== org || said.env !== env))
    throw refused(`holds ${quoted(name)}, which is not of ${org} ${env}`);
}

/** The archive tells no modes, and derivations are for their owner alone. */
function privateDerivationProblems(path: string, name: string): ObjectProblem[] {
  chmodSync(path, 0o600);
  return derivationProblems(path, name);
}

function readChainFile(path: string): string[] {
  try {
    return splitLines(readFileSync(path, 'utf8'));
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EISDIR')) throw refused('holds no chain');
    throw error;
  }
}

function removeAbandoned(layout: Layout) {
  for (const name of namesIn(layout.store).filter(isTemporary)) {
    const path = layout.object(name);
    try {
      const stat = lstatSync(path);
      if (Date.now() - stat.mtimeMs < abandoned) continue;
      if (stat.isDirectory()) removeBundle(path);
      else unlinkSync(path);
    } catch (error) {
      // Its owner, or another receive, was faster.
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
}
