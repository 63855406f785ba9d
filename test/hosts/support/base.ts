/** What all hosts of the tests boot from: Debian 12 as its users have it, made once by debootstrap(8). */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { output } from './commands.js';
import { waitForLock } from './lock.js';

export interface Base {
  /** The root file system; no host writes to it. */
  readonly root: string;
  /** The operator's private ssh key. */
  readonly key: string;
  /** The public key of every host, as a line of known_hosts has it. */
  readonly hostKey: string;
}

/** An account without rights, which takes the same key as root. */
export const operator = 'deploy';

const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'openssh-server', 'sudo', 'util-linux', 'procps'],
  ...['nftables', 'iproute2', 'curl', 'nginx-light', 'nodejs', 'strace'],
];

/** Units that only cost time, or do harm in a container. */
const masked = [
  ...['getty.target', 'console-getty.service', 'systemd-logind.service', 'systemd-remount-fs.service'],
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer'],
  ...['e2scrub_all.timer', 'e2scrub_reap.service', 'fstrim.timer'],
];

const files = {
  '/etc/ssh/sshd_config.d/test.conf':
    'PermitRootLogin prohibit-password\nPasswordAuthentication no\nUseDNS no\nMaxStartups 100\nMaxSessions 50\n',
  '/etc/machine-id': '',
  '/etc/resolv.conf': '',
  '/etc/default/locale': '',
};

/** Commands in the new root. */
const commands = [
  // Without logind its PAM module would wait for it at each login.
  'pam-auth-update --package --remove systemd',
  `systemctl mask ${masked.join(' ')}`,
  'systemctl enable ssh.service',
  'chmod 700 /root/.ssh && chmod 600 /root/.ssh/authorized_keys',
  `useradd --create-home --shell /bin/bash ${operator}`,
  `install -d -m 700 -o ${operator} -g ${operator} /home/${operator}/.ssh`,
  `install -m 600 -o ${operator} -g ${operator} /root/.ssh/authorized_keys /home/${operator}/.ssh/`,
  'mkdir -p /var/log/journal',
  'rm -rf /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/lib/apt/lists/*',
];

const recipe = createHash('sha256').update(JSON.stringify({ packages, files, commands })).digest('hex').slice(0, 12);

/** Of several processes one builds while the others wait. What an interrupted build left is thrown away. */
export async function openBase(folder: string): Promise<Base> {
  const path = join(folder, `base-${recipe}`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const lock = await waitForLock(join(folder, 'base.lock'));
    try {
      if (!existsSync(path)) await build(path);
    } finally {
      await lock.release();
    }
  }
  const root = join(path, 'root');
  const hostKey = readFileSync(join(root, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8');
  return { root, key: join(path, 'key'), hostKey: hostKey.split(' ').slice(0, 2).join(' ') };
}

async function build(path: string) {
  console.error('building the system that the test hosts boot (about a minute)');
  for (const name of readdirSync(dirname(path)))
    if (name.endsWith('.temporary')) rmSync(join(dirname(path), name), { recursive: true });
  const temporary = `${path}.temporary`;
  const [root, key] = [join(temporary, 'root'), join(temporary, 'key')];
  mkdirSync(temporary);
  await output('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'operator', '-f', key]);
  // What it mounts and starts ends with it, and it ends with this process.
  const contained = ['--pdeathsig', 'KILL', '--', 'unshare', '--mount', '--pid', '--kill-child'];
  const bootstrap = ['debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, 'bookworm', root];
  await output('setpriv', [...contained, ...bootstrap], { timeout: 1800 });
  const keys = { '/root/.ssh/authorized_keys': readFileSync(`${key}.pub`, 'utf8') };
  for (const [name, content] of Object.entries({ ...files, ...keys })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  await output('chroot', [root, 'sh', '-ec', commands.join('\n')]);
  renameSync(temporary, path);
}
