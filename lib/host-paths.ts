/** Where an environment lives on a host. A bundle names these paths, so they are part of the format. */

import { normalize } from 'node:path/posix';

export const hostState = '/var/lib/tsm';

/** The env.toml of the generation that is active: `/var/lib/tsm/acme-prod/current/env.toml`. */
export function currentEnvFile(org: string, env: string): string {
  return `${hostState}/${org}-${env}/current/env.toml`;
}

/**
 * A service's `env_file`: `/etc/tetra/acme-prod/env/prod.env`. `null` where a relative path leaves its folder, or an
 * absolute one lies where others than root could write.
 */
export function secretsFile(org: string, env: string, file: string): string | null {
  if (file.startsWith('/')) return liesIn(file, '/etc') || liesIn(file, '/run') ? file : null;
  const folder = `/etc/tetra/${org}-${env}/`;
  const path = normalize(folder + file);
  return path.startsWith(folder) && path !== folder ? path : null;
}

/** True for folders that the system or tsm itself lives in, and for those around them. */
export function isSystemFolder(path: string): boolean {
  const system = [
    '/etc',
    '/usr',
    '/boot',
    '/dev',
    '/proc',
    '/sys',
    '/run',
    '/bin',
    '/sbin',
    '/lib',
    '/lib32',
    '/lib64',
    hostState,
  ];
  return system.some(folder => liesIn(path, folder) || liesIn(folder, path));
}

/** True for what `ProtectHome=` hides (systemd.exec(5)). */
export function isHome(path: string): boolean {
  return ['/home', '/root', '/run/user'].some(home => liesIn(path, home));
}

export function liesIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
