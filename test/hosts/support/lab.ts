/**
 * A network of hosts on this machine, for tests. Its processes, mounts and locks end with this process, whatever ends
 * it: the kernel sees to that. What is left on the disk, the next lab takes away.
 */

import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { uvu } from 'uvu';
import { type Base, openBase } from './base.js';
import { output } from './commands.js';
import { Host, type HostOptions } from './host.js';
import { labsFolder, Slot } from './slot.js';

/** Makes the base where it is missing, which takes a minute, and a network without hosts. */
export async function openLab(): Promise<Lab> {
  const base = await openBase(labsFolder);
  return Lab.start(base, await Slot.take());
}

/** The lab of a suite: opened when a test first asks for it, closed after the last. */
export function labOf<T>(suite: uvu.Test<T>): () => Promise<Lab> {
  let lab: Promise<Lab> | null = null;
  suite.after(async () => (await lab)?.close());
  return () => {
    lab ??= openLab();
    return lab;
  };
}

export class Lab {
  readonly #base: Base;
  readonly #slot: Slot;
  readonly #hosts = new Map<string, Host>();
  /** The last part of the newest host's address; the operator has 1. */
  #octet = 10;
  /** For `ssh -F`: every host by its name. */
  readonly sshConfig: string;
  /** The key of every host, by name and address. */
  readonly knownHosts: string;
  /** The environment in which tsm reaches the hosts. */
  readonly env: Readonly<Record<string, string>>;
  readonly #atExit = () => this.#slot.releaseAtExit();

  private constructor(base: Base, slot: Slot) {
    this.#base = base;
    this.#slot = slot;
    this.sshConfig = join(slot.folder, 'ssh_config');
    this.knownHosts = join(slot.folder, 'known_hosts');
    this.env = { TETRA_SSH: `ssh -F ${this.sshConfig}` };
  }

  static async start(base: Base, slot: Slot): Promise<Lab> {
    const lab = new Lab(base, slot);
    process.once('exit', lab.#atExit);
    for (const signal of signals) process.once(signal, exit);
    lab.#writeSshFiles();
    await startPool(slot);
    await startNetwork(slot);
    return lab;
  }

  /** Makes a host and leaves it switched off. */
  async host(name: string, options: HostOptions = {}): Promise<Host> {
    if (this.#hosts.has(name)) throw new Error(`there is a host ${name} already`);
    const octet = ++this.#octet;
    const host = await Host.make(
      {
        NAME: name,
        FOLDER: join(this.#slot.folder, name),
        IMAGE: join(poolOf(this.#slot), `${name}.img`),
        BASE: this.#base.root,
        DISK: options.disk ?? 256,
        VAR: options.var ?? 0,
        ADDRESS: this.#slot.address(octet),
        GATEWAY: this.#slot.address(1),
        MAC: macOf(this.#slot.number, octet),
        BRIDGE: this.#slot.bridge,
        LINK: this.#slot.link(octet),
        KEEPER: this.#slot.keeper,
      },
      this.sshConfig,
    );
    this.#hosts.set(name, host);
    this.#writeSshFiles();
    return host;
  }

  /** Makes a host, boots it and waits until it is up. */
  async booted(name: string, options: HostOptions = {}): Promise<Host> {
    const host = await this.host(name, options);
    host.boot();
    await host.wait();
    return host;
  }

  async remove(host: Host) {
    await host.remove();
    this.#hosts.delete(host.name);
    this.#writeSshFiles();
  }

  async close() {
    await Promise.all([...this.#hosts.values()].map(host => this.remove(host)));
    await this.#slot.release();
    process.off('exit', this.#atExit);
    for (const signal of signals) process.off(signal, exit);
  }

  #writeSshFiles() {
    const hosts = [...this.#hosts.values()];
    const known = hosts.map(({ name, address }) => `${name},${address} ${this.#base.hostKey}\n`);
    writeFileSync(this.knownHosts, known.join(''));
    const blocks = hosts.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n`);
    writeFileSync(this.sshConfig, [...blocks, sshDefaults(this.#base.key, this.knownHosts)].join('\n'));
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const exit = () => process.exit(130);

const poolOf = (slot: Slot) => join(slot.folder, 'pool');

/** Locally administered, and another one for each address of all labs. */
function macOf(slot: number, octet: number): string {
  return `02:00:0a:d5:${[slot, octet].map(byte => byte.toString(16).padStart(2, '0')).join(':')}`;
}

/** The hosts' disks, on a file system that copies a file in one step; mounted for the keeper alone. */
async function startPool(slot: Slot) {
  const image = `${poolOf(slot)}.img`;
  mkdirSync(poolOf(slot));
  writeFileSync(image, '');
  truncateSync(image, 20 * 2 ** 30);
  await output('mkfs.xfs', ['-q', '-m', 'reflink=1', image]);
  const enter = [`--target=${slot.keeper}`, '--mount'];
  await output('nsenter', [...enter, 'mount', '-o', 'loop', image, poolOf(slot)]);
}

async function startNetwork(slot: Slot) {
  await output('ip', ['link', 'add', slot.bridge, 'type', 'bridge']);
  await output('ip', ['address', 'add', `${slot.address(1)}/24`, 'dev', slot.bridge]);
  await output('ip', ['link', 'set', slot.bridge, 'up']);
  // Each host's systemd takes some; the usual 128 are enough for two dozen of them.
  const limit = '/proc/sys/fs/inotify/max_user_instances';
  if (Number(readFileSync(limit, 'utf8')) < 4096) writeFileSync(limit, '4096');
}

function sshDefaults(key: string, knownHosts: string): string {
  const settings = [
    'User root',
    `IdentityFile ${key}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${knownHosts}`,
    'GlobalKnownHostsFile /dev/null',
    'BatchMode yes',
    'ConnectTimeout 5',
    'KexAlgorithms curve25519-sha256',
  ];
  return `Host *\n${settings.map(setting => `  ${setting}\n`).join('')}`;
}
