/** Tests that need tools of the system: in CI they must be there, elsewhere the tests are skipped with the reason. */

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { uvu } from 'uvu';
import packages from './tools.json';

/** A tool, and in `tools.json` the Debian package that brings it. */
export type Tool = keyof typeof packages;

export const skipped: { what: string; reason: string }[] = [];

const path = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

export function hasProgram(name: string): boolean {
  return path.some(folder => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * The suite's `test` where all tools are there, and in CI (where a missing tool has to fail); else its `test.skip`.
 */
export function testIfTools<T>(suite: uvu.Test<T>, what: string, ...tools: Tool[]): uvu.Test<T>['skip'] {
  const missing = tools.filter(tool => !hasProgram(tool));
  if (missing.length === 0 || process.env.CI === 'true') return suite as unknown as uvu.Test<T>['skip'];
  const install = missing.map(tool => packages[tool]).join(' ');
  skipped.push({ what, reason: `${missing.join(', ')} missing; TETRA_TEST_INSTALL=1 npm test installs: ${install}` });
  return suite.skip;
}

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
