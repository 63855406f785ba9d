/** Which of this machine's labs is ours: each has a folder, a bridge and a network of its own. */

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run, runAtExit } from './commands.js';
import { type Lock, tryLock } from './lock.js';

/** Where labs are, and the base that they share. */
export const labsFolder = process.env.TETRA_TEST_LAB ?? '/var/tmp/tetra-lab';

const count = 64;

export class Slot {
  readonly #lock: Lock;
  readonly folder: string;
  /** `tetra3` */
  readonly bridge: string;

  private constructor(
    readonly number: number,
    lock: Lock,
  ) {
    this.#lock = lock;
    this.folder = folderOf(number);
    this.bridge = bridgeOf(number);
  }

  /** Takes the first that no other process has, empty. */
  static async take(): Promise<Slot> {
    mkdirSync(labsFolder, { recursive: true });
    for (let number = 0; number < count; number++) {
      const lock = await tryLock(lockOf(number));
      if (!lock) continue;
      await clear(number);
      await clearAbandoned();
      mkdirSync(folderOf(number));
      return new Slot(number, lock);
    }
    throw new Error(`all of ${count} labs are in use; locks: ${lockOf(0)} ...`);
  }

  /** A process in the network of this machine, with a mount namespace of its own; it lives as long as the slot is ours. */
  get keeper(): number {
    return this.#lock.pid;
  }

  /** The interface of a host on the bridge: `tetra3-11`. */
  link(octet: number): string {
    return `${this.bridge}-${octet}`;
  }

  address(octet: number): string {
    return `10.213.${this.number}.${octet}`;
  }

  async release() {
    await clear(this.number);
    await this.#lock.release();
  }

  /** What can be done as the process exits; the kernel ends the rest with it. */
  releaseAtExit() {
    rmSync(this.folder, { recursive: true, force: true });
    runAtExit('ip', ['link', 'delete', this.bridge]);
  }
}

const bridgeOf = (number: number) => `tetra${number}`;
const folderOf = (number: number) => join(labsFolder, `slot-${number}`);
/** One for the whole machine, as the bridge is, wherever the folders of labs are. */
const lockOf = (number: number) => `/run/tetra-lab-${number}.lock`;

/** Takes away what labs left whose process was killed. */
async function clearAbandoned() {
  for (let number = 0; number < count; number++) {
    const lock = existsSync(folderOf(number)) ? await tryLock(lockOf(number)) : null;
    if (!lock) continue;
    await clear(number);
    await lock.release();
  }
}

async function clear(number: number) {
  rmSync(folderOf(number), { recursive: true, force: true });
  await run('ip', ['link', 'delete', bridgeOf(number)]);
  await run('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*/${bridgeOf(number)}-*`, '-delete']);
}
