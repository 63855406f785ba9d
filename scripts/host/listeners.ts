/** The sockets that processes of the host listen on (proc_pid_net(5), proc_pid_fd(5)). */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Listener, listeningSockets } from '../../lib/host/sockets.js';

export interface OwnedListener extends Listener {
  /** The control group of the process, as /proc/PID/cgroup has it; empty where no process is known. */
  readonly group: string;
}

/** Every listening socket, with the process behind it. */
export function listenersOfHost(): OwnedListener[] {
  const sockets = (['tcp', 'udp'] as const).flatMap(protocol =>
    [protocol, `${protocol}6`].flatMap(name => listeningSockets(protocol, read(`/proc/net/${name}`))),
  );
  const owners = ownersOf(new Set(sockets.map(socket => socket.inode)));
  return sockets.map(({ protocol, address, port, inode }) => {
    const owner = owners.get(inode);
    return { protocol, address, port, process: owner?.process ?? null, group: owner?.group ?? '' };
  });
}

/** By the inode of the socket: the process that holds it, and the control group that it is in. */
function ownersOf(inodes: ReadonlySet<number>): Map<number, { process: string; group: string }> {
  const owners = new Map<number, { process: string; group: string }>();
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    for (const descriptor of list(`/proc/${pid}/fd`)) {
      const inode = Number(/^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${descriptor}`))?.[1]);
      if (inodes.has(inode) && !owners.has(inode))
        owners.set(inode, { process: read(`/proc/${pid}/comm`).trim(), group: read(`/proc/${pid}/cgroup`).trim() });
    }
  }
  return owners;
}

// A process may end while we look at it.
function list(path: string): string[] {
  return quietly(() => readdirSync(path), []);
}

function link(path: string): string {
  return quietly(() => readlinkSync(path), '');
}

function read(path: string): string {
  return quietly(() => readFileSync(path, 'utf8'), '');
}

function quietly<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
