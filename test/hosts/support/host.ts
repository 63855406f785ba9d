/** A server of the tests: a booted Debian with its own disk, network and systemd. Kernel and clock are this machine's. */

import { constants, copyFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran } from '../../support/sandbox.js';
import { operator } from './base.js';
import { failure, output, type RunOptions, run, until } from './commands.js';
import { type BootSettings, Guest } from './guest.js';

export interface HostOptions {
  /** The size of its disk in MB, 256 where nothing is said; what Debian itself takes does not count. */
  readonly disk?: number;
  /** The size in MB of a disk of its own for /var, which is mounted late, after PID 1 has read its units. */
  readonly var?: number;
}

export interface SshOptions extends RunOptions {
  /** root where nothing is said. */
  readonly user?: string;
}

export class Host {
  readonly #settings: BootSettings;
  /** The disk as this process reaches it. */
  readonly #image: string;
  readonly #sshConfig: string;
  #guest: Guest | null = null;

  private constructor(settings: BootSettings, sshConfig: string) {
    this.#settings = settings;
    this.#sshConfig = sshConfig;
    this.#image = join(`/proc/${settings.KEEPER}/root`, settings.IMAGE);
  }

  /** Makes a host that has never booted. */
  static async make(settings: BootSettings, sshConfig: string): Promise<Host> {
    const host = new Host(settings, sshConfig);
    const { FOLDER, BASE, DISK, VAR } = settings;
    for (const name of ['disk', 'root']) mkdirSync(join(FOLDER, name), { recursive: true });
    writeFileSync(host.#image, '');
    truncateSync(host.#image, (DISK + VAR) << 20);
    const at = (MB: number) => `lazy_itable_init=0,offset=${MB << 20}`;
    await output('mkfs.ext4', ['-q', '-E', at(0), '-d', writeSeed(settings), host.#image, `${DISK}M`]);
    if (VAR > 0) await output('mkfs.ext4', ['-q', '-E', at(DISK), '-d', join(BASE, 'var'), host.#image, `${VAR}M`]);
    return host;
  }

  get name(): string {
    return this.#settings.NAME;
  }

  get address(): string {
    return this.#settings.ADDRESS;
  }

  /** Switches it on; does not wait. */
  boot() {
    if (this.#guest && !this.#guest.hasEnded) throw new Error(`${this.name} is running`);
    this.#guest = new Guest(this.#settings);
  }

  /** Waits until all that it starts at boot has started, or failed to. */
  async wait(seconds = 20): Promise<'running' | 'degraded'> {
    let state = '';
    const isUp = async () => {
      if (this.#running().hasEnded) throw new Error(`${this.name} ended:\n${this.#running().console}`);
      const ran = await this.#running().run('systemctl is-system-running --wait', { timeout: seconds });
      state = ran?.stdout.trim() ?? '';
      return state === 'running' || state === 'degraded';
    };
    await until(isUp, `${this.name} is up`, seconds);
    return state as 'running' | 'degraded';
  }

  /** Runs a command over a new ssh connection, as an operator does. ssh(1) itself exits 255. */
  ssh(command: string, options: SshOptions = {}): Promise<Ran> {
    const user = options.user ?? 'root';
    return run('ssh', ['-F', this.#sshConfig, '-l', user, this.name, command], { timeout: 60, ...options });
  }

  /** Runs a command as root at the console, which no firewall, partition or broken sshd closes. */
  async run(command: string, options: RunOptions = {}): Promise<Ran> {
    const ran = await this.#running().run(command, { timeout: 60, ...options });
    if (!ran) throw new Error(`${this.name} has no console yet, or no longer`);
    return ran;
  }

  /** Like `run`, of a command that has to succeed; its stdout without the last newline. */
  async sh(command: string, options: RunOptions = {}): Promise<string> {
    const ran = await this.run(command, options);
    if (ran.code !== 0) throw failure(`${this.name}: ${command}`, ran);
    return ran.stdout.replace(/\n$/, '');
  }

  /** Writes a file, and the folders above it. */
  async put(path: string, content: string, mode = 0o644) {
    const command = `mkdir -p "$(dirname '${path}')" && cat >'${path}' && chmod ${mode.toString(8)} '${path}'`;
    await this.sh(command, { input: content });
  }

  async read(path: string): Promise<string> {
    const ran = await this.run(`cat '${path}'`);
    if (ran.code !== 0) throw failure(`${this.name}: ${path}`, ran);
    return ran.stdout;
  }

  /** The unit's lines, of all boots. */
  journal(unit: string): Promise<string> {
    return this.sh(`journalctl --no-pager --output=cat --unit='${unit}'`);
  }

  /** The main process of each unit; 0 where none runs. */
  async pids(...units: string[]): Promise<Record<string, number>> {
    const shown = await this.sh(`systemctl show --property=MainPID --value ${units.join(' ')}`);
    const pids = shown.split('\n').filter(line => line !== '');
    return Object.fromEntries(units.map((unit, i) => [unit, Number(pids[i])]));
  }

  /** The firewall's rules, without their counters. */
  rules(): Promise<string> {
    return this.sh('nft -s list ruleset');
  }

  /** Lets the account without rights run these commands as root, each as sudoers(5) has it. */
  async allowSudo(...commands: string[]) {
    await this.put('/etc/sudoers.d/operator', `${operator} ALL=(root) NOPASSWD: ${commands.join(', ')}\n`, 0o440);
  }

  /** Makes /etc read-only until the next boot, or writable again. */
  async remountEtc(mode: 'ro' | 'rw') {
    await this.sh('mountpoint -q /etc || mount --bind /etc /etc');
    await this.sh(`mount -o remount,bind,${mode} /etc`);
  }

  /** Pulls its network cable. */
  async partition() {
    await output('ip', ['link', 'set', this.#settings.LINK, 'down']);
  }

  async heal() {
    await output('ip', ['link', 'set', this.#settings.LINK, 'up']);
  }

  /** Ends all its processes at once; what they wrote is on its disk. */
  async kill() {
    await this.#running().kill();
    // The next boot must find the disk unmounted.
    await until(async () => (await output('losetup', ['-j', this.#image])) === '', `${this.name} lets go of its disk`);
  }

  /** Cuts its power: what was written and not forced to the disk is gone. */
  async powerCut() {
    const cut = `${this.#image}.cut`;
    copyFileSync(this.#image, cut, constants.COPYFILE_FICLONE_FORCE);
    await this.kill();
    renameSync(cut, this.#image);
  }

  /** Shuts it down in order, boots it and waits. */
  async reboot(): Promise<'running' | 'degraded'> {
    // The command goes down with the host, so its exit code tells nothing.
    await this.#running().run('systemctl reboot');
    await this.#running().end();
    this.boot();
    return this.wait();
  }

  /** Takes it away for good. */
  async remove() {
    if (this.#guest) await this.kill();
    rmSync(this.#image);
    rmSync(this.#settings.FOLDER, { recursive: true });
  }

  #running(): Guest {
    if (!this.#guest) throw new Error(`${this.name} was never booted`);
    return this.#guest;
  }
}

/** What a disk holds before the first boot: the folders of overlayfs, and in the upper one what tells hosts apart. */
function writeSeed({ FOLDER, NAME, VAR }: BootSettings): string {
  const seed = join(FOLDER, 'seed');
  for (const folder of ['work', 'upper/etc', 'upper/mnt/var']) mkdirSync(join(seed, folder), { recursive: true });
  writeFileSync(join(seed, 'upper/etc/hostname'), `${NAME}\n`);
  writeFileSync(join(seed, 'upper/etc/hosts'), `127.0.0.1 localhost\n127.0.1.1 ${NAME}\n`);
  // The host itself mounts it, so that its units are read before /var is there.
  if (VAR > 0) writeFileSync(join(seed, 'upper/etc/fstab'), '/mnt/var /var none bind 0 0\n');
  return seed;
}
