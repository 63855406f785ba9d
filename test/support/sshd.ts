/** A real sshd(8) on a loopback port, run as the current user, with keys and a client configuration of its own. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../lib/hosts.js';
import { programPath } from './needs.js';

export class Sshd {
  readonly folder = mkdtempSync(join(tmpdir(), 'tetra-sshd-'));
  /** As $TETRA_SSH has it: knows the host `web1` and its key. */
  readonly command = `ssh -F ${this.file('ssh_config')}`;
  readonly host: Host = { name: 'web1', address: { kind: 'ssh', destination: 'web1' }, environments: null, roles: [] };
  private readonly child: ChildProcess;

  private constructor(readonly port: number) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.file('host_key')]);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.file('key')]);
    copyFileSync(this.file('key.pub'), this.file('authorized_keys'));
    this.knowHost();
    writeFileSync(
      this.file('ssh_config'),
      `Host web1
  HostName 127.0.0.1
  Port ${port}
  User ${userInfo().username}
  IdentityFile ${this.file('key')}
  IdentitiesOnly yes
  UserKnownHostsFile ${this.file('known_hosts')}
  GlobalKnownHostsFile /dev/null
  KexAlgorithms curve25519-sha256
`,
    );
    writeFileSync(
      this.file('sshd_config'),
      `ListenAddress 127.0.0.1:${port}
HostKey ${this.file('host_key')}
AuthorizedKeysFile ${this.file('authorized_keys')}
StrictModes no
UsePAM no
PidFile none
SetEnv HOME=${this.folder}
`,
    );
    // sshd insists on this folder where it is started by root.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const words = ['-D', '-f', this.file('sshd_config'), '-E', this.file('log')];
    this.child = spawn(programPath('sshd') as string, words, { stdio: 'ignore' });
  }

  static async start(): Promise<Sshd> {
    const sshd = new Sshd(await freePort());
    await until('sshd listens', () => isOpen(sshd.port));
    return sshd;
  }

  private file(name: string): string {
    return join(this.folder, name);
  }

  /** Logins so far. */
  get logins(): number {
    return readFileSync(this.file('log'), 'utf8').match(/^Accepted publickey/gm)?.length ?? 0;
  }

  knowHost() {
    const [type, key] = readFileSync(this.file('host_key.pub'), 'utf8').split(' ');
    writeFileSync(this.file('known_hosts'), `[127.0.0.1]:${this.port} ${type} ${key}\n`);
  }

  forgetHost() {
    writeFileSync(this.file('known_hosts'), '');
  }

  /** How many processes serve connections now. */
  get sessions(): number {
    return this.processes().length - 1;
  }

  /** Ends the server and every connection to it. */
  kill() {
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
  }

  /** The server's, and those of its connections. */
  private processes(): number[] {
    const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
    const all = table.split('\n').map(line => line.trim().split(/\s+/));
    const found = [String(this.child.pid)];
    for (const parent of found)
      found.push(
        ...all.filter(([, ppid, name]) => ppid === parent && name?.includes('sshd')).map(([pid]) => pid as string),
      );
    return found.map(Number);
  }

  remove() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.kill();
    rmSync(this.folder, { recursive: true });
  }
}

/** Waits until it holds; after some seconds that is an error. */
export async function until(what: string, holds: () => boolean | Promise<boolean>) {
  for (const end = Date.now() + 10_000; !(await holds()); await pause(20))
    if (Date.now() > end) throw new Error(`${what}: not within 10 s`);
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    const tell = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => tell(true)).once('error', () => tell(false));
  });
}
