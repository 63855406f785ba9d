/** Who, when and from which commit: what the log says of a promote, and no bundle ever does. */

import { existsSync, realpathSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { OrgLayout } from '../../store/layout.js';

/** `ana@laptop`; behind sudo the one who called it. */
export function operator(): string {
  const { SUDO_USER, USER, LOGNAME } = process.env;
  const user = SUDO_USER || USER || LOGNAME || accountName();
  return `${user}@${hostname()}`;
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

export interface CommitInfo {
  readonly commit: string;
  /** True where the file differs from the commit, or is not in it. */
  readonly dirty: boolean;
}

export interface RepositoryInfo {
  /** Absent where there is no commit yet, or git cannot tell. */
  readonly commit?: CommitInfo;
  /** Files of the organization that git tracks, though they are generated or secret. Relative to its folder. */
  readonly tracked: readonly string[];
}

/** Of the git repository that really holds the organization; `null` where none does. */
export async function repositoryOf(org: OrgLayout): Promise<RepositoryInfo | null> {
  const source = realpathSync(org.source);
  const root = realpathSync(org.root);
  if (!insideRepository(dirname(source))) return null;
  const status = ['status', '--porcelain=v2', '--branch', '--ignored', '--untracked-files=all', '--', basename(source)];
  const listing = ['ls-files', '-z', '--', 'environments', 'history', 'secrets'];
  const [output, files] = await Promise.all([git(dirname(source), status), git(root, listing)]);
  const commit = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(output ?? '')?.[1];
  const tracked = (files ?? '').split('\0').filter(name => name !== '' && name !== 'environments/local.toml');
  return { commit: commit ? { commit, dirty: /^[^#]/m.test(output as string) } : undefined, tracked };
}

/** Looking upward is cheaper than starting git to hear that there is no repository. */
function insideRepository(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true;
    if (dirname(at) === at) return false;
  }
}

async function git(cwd: string, args: readonly string[]): Promise<string | null> {
  // Inside a hook these variables name the repository of the hook, whatever folder git is started in.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const env = { ...Object.fromEntries(own), GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
  // Loaded here, since most organizations are in no repository and it takes 2 ms.
  const { execFile } = await import('node:child_process');
  return new Promise(resolve => {
    execFile('git', args, { cwd, env, timeout: 10_000 }, (error, stdout) => resolve(error ? null : stdout));
  });
}
