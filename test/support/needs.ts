/** Tests that need tools of the system: in CI they must be there, elsewhere the tests are skipped with the reason. */

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { uvu } from 'uvu';
import packages from './tools.json';

/** A tool, and in `tools.json` the Debian package that brings it. */
export type Tool = keyof typeof packages;

export const skipped: { what: string; reason: string }[] = [];

/** The folders of programs; a user's own PATH may lack those of the administrator. */
export const systemPath = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** Absolute; `undefined` where there is no such program. */
export function programPath(name: string): string | undefined {
  return systemPath.map(folder => join(folder, name)).find(isExecutable);
}

export const hasProgram = (name: string): boolean => programPath(name) !== undefined;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The suite's `test` where all tools are there, and in CI (where a missing tool has to fail); else its `test.skip`.
 */
export function testIfTools<T>(suite: uvu.Test<T>, what: string, ...tools: Tool[]): uvu.Test<T>['skip'] {
  const missing = missingOf(tools);
  if (missing.length === 0 || process.env.CI === 'true') return suite as unknown as uvu.Test<T>['skip'];
  const reason = `${missing.join(', ')} missing; TETRA_TEST_INSTALL=1 npm test installs: ${packagesOf(missing)}`;
  skipped.push({ what, reason });
  return suite.skip;
}

const missingOf = (tools: readonly Tool[]): Tool[] => tools.filter(tool => !hasProgram(tool));

const packagesOf = (tools: readonly Tool[]): string => [...new Set(tools.map(tool => packages[tool]))].join(' ');

/** The option of unshare(1) for a network of our own. */
export const isolation = process.getuid?.() === 0 ? '-n' : '-Urn';

/** nft asks the kernel, in a network namespace of our own; not every system lets us make one. */
export function testIfNft<T>(suite: uvu.Test<T>, what: string, ...tools: Tool[]): uvu.Test<T>['skip'] {
  if (process.env.CI !== 'true' && hasProgram('nft') && spawnSync('unshare', [isolation, 'true']).status !== 0) {
    skipped.push({ what, reason: `this system does not allow: unshare ${isolation}` });
    return suite.skip;
  }
  return testIfTools(suite, what, 'nft', ...tools);
}

/** What `test/hosts/support` makes servers of. */
const hostTools = [
  ...['debootstrap', 'systemd-nspawn', 'nsenter', 'unshare', 'setpriv', 'flock', 'mount', 'losetup'],
  ...['mkfs.xfs', 'mkfs.ext4', 'ip', 'ssh', 'ssh-keygen', 'nft'],
] as const satisfies readonly Tool[];

/** Servers that boot on this machine take root and namespaces; in CI they must be there. */
export function testIfHosts<T>(suite: uvu.Test<T>, what: string): uvu.Test<T>['skip'] {
  const reason = process.env.CI === 'true' ? null : reasonForNoHosts();
  if (reason === null) return testIfTools(suite, what, ...hostTools);
  skipped.push({ what, reason });
  return suite.skip;
}

/** Why no servers can be booted here, in one line; `null` where they can. */
export function whyNoHosts(): string | null {
  const missing = missingOf(hostTools);
  if (missing.length === 0 || process.platform !== 'linux') return reasonForNoHosts();
  const install = `TETRA_TEST_INSTALL=1 npm run demo:hosts, as root, installs: ${packagesOf(missing)}`;
  return `${missing.join(', ')} missing; ${install}`;
}

function reasonForNoHosts(): string | null {
  if (process.platform !== 'linux') return 'hosts are booted on Linux only';
  if (process.getuid?.() !== 0) return 'only root can boot hosts';
  if (spawnSync('unshare', ['-mn', 'true']).status !== 0) return 'this system does not allow: unshare -mn';
  return null;
}
