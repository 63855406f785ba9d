/** A host's running system, from power on to its end. */

import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran } from '../../support/sandbox.js';
import { hasEnded, lastLines, type RunOptions, run, startKept, until } from './commands.js';

const bootScript = join(import.meta.dirname ?? __dirname, 'boot.sh');

/** What `boot.sh` reads. */
export interface BootSettings {
  readonly NAME: string;
  readonly FOLDER: string;
  /** As the mount namespace of `KEEPER` names it. */
  readonly IMAGE: string;
  readonly BASE: string;
  /** MB. */
  readonly DISK: number;
  /** MB; 0 where /var is no disk of its own. */
  readonly VAR: number;
  readonly ADDRESS: string;
  readonly GATEWAY: string;
  readonly MAC: string;
  readonly BRIDGE: string;
  /** The host's network interface on the bridge, and its control group. */
  readonly LINK: string;
  /** A process in the operator's network whose mount namespace has the images. */
  readonly KEEPER: number;
}

export class Guest {
  readonly #log: string;
  readonly #process: ChildProcess;

  constructor(settings: BootSettings) {
    this.#log = join(settings.FOLDER, 'console.log');
    const fd = openSync(this.#log, 'a');
    const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const namespaces = ['nsenter', `--target=${settings.KEEPER}`, '--mount', 'unshare', '--net', '--mount'];
    this.#process = startKept([...namespaces, 'env', ...variables, 'sh', bootScript], ['ignore', fd, fd]);
    this.#process.unref();
    closeSync(fd);
  }

  get hasEnded(): boolean {
    return hasEnded(this.#process);
  }

  /** Resolves when nothing of it runs any more. */
  async end() {
    await until(() => this.hasEnded, 'the end of the host', 60);
  }

  /** Ends it at once. */
  async kill() {
    const [nspawn] = this.hasEnded ? [] : childrenOf(this.#process.pid as number);
    // Its namespace dies with it, before unshare(1), which waits for it, does.
    if (nspawn !== undefined) process.kill(nspawn, 'SIGKILL');
    else this.#process.kill('SIGKILL');
    await this.end();
  }

  /** Runs a command with bash, as root, past the network; `null` where the host has not come that far. */
  async run(command: string, options: RunOptions = {}): Promise<Ran | null> {
    const init = this.#init();
    if (init === null) return null;
    const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
    const variables = [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOME=/root',
      'LANG=C.UTF-8',
    ];
    return run(
      'nsenter',
      [`--target=${init}`, ...namespaces, 'env', '-i', ...variables, 'bash', '-c', command],
      options,
    );
  }

  /** What the host last wrote to its console. */
  get console(): string {
    return lastLines(readFileSync(this.#log, 'utf8'));
  }

  /** The guest's PID 1, as this machine counts. */
  #init(): number | null {
    if (this.hasEnded) return null;
    const candidates = childrenOf(this.#process.pid as number).flatMap(childrenOf);
    return candidates.find(pid => programOf(pid).endsWith('/systemd')) ?? null;
  }
}

function childrenOf(pid: number): number[] {
  return readOrEmpty(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

function programOf(pid: number): string {
  return readOrEmpty(() => readlinkSync(`/proc/${pid}/exe`));
}

/** A process may end while it is looked at. */
function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
