/**
 * The way to a host: ssh(1) with the user's own configuration, keys and known hosts, or a folder of this machine that
 * stands for a host.
 */

import { mkdtempSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, quote } from 'zx/core';
import { parseCommand } from '../lib/command.js';
import { TetraError, usage } from '../lib/errors.js';
import type { Address, Host } from '../lib/hosts.js';
import { printable } from '../lib/text.js';
import { execute, type Ran, type RunOptions } from './execute.js';
import { commandLine, refusedUser } from './shell.js';

export interface ConnectOptions {
  /** The program, and words that stand before ours: `ssh -F file`. Default: $TETRA_SSH, or `ssh`. */
  readonly command?: string;
  /** Each script gets a TCP connection of its own, whatever else is open. */
  readonly fresh?: boolean;
  /** Ends the attempt to connect; its reason is thrown. */
  readonly signal?: AbortSignal;
}

export interface Connection {
  readonly host: Host;
  /**
   * Runs a script of sh(1) there; `shell.ts` says what it finds ready. Whatever its exit code is, that is a result.
   * @throws unreachable where the connection fails, permission where sudo refuses.
   */
  run(script: string, options?: RunOptions): Promise<Ran>;
  /** Ends the shared connection, and with it every script that still runs over it. */
  close(): Promise<void>;
}

/** @throws unreachable; usage where $TETRA_SSH is no command line. */
export async function connect(host: Host, options: ConnectOptions = {}): Promise<Connection> {
  const { address } = host;
  if (address.kind === 'local') return localConnection(host, address.root);
  const ssh = new Ssh(host, programWords(options.command ?? process.env.TETRA_SSH ?? 'ssh'), address);
  const timeout = await ssh.timeout();
  if (options.fresh) return ssh.connection([...timeout, '-o', 'ControlMaster=no', '-S', 'none']);
  const master = startMaster(ssh);
  const connection = ssh.connection([...timeout, ...master.words], master.close);
  try {
    // What comes first opens the connection that the others share; two at once would open two.
    await connection.run(':', { signal: options.signal });
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function localConnection(host: Host, root: string): Connection {
  const { SSH_CONNECTION: _, ...env } = process.env;
  return {
    host,
    async run(script, options) {
      const { code, ...texts } = await execute(['sh', '-c', commandLine(script)], { ...env, TSM_ROOT: root }, options);
      if (code === null) throw new TetraError('failed', `a signal ended the script for ${host.name}`);
      return { code, ...texts };
    },
    close: async () => {},
  };
}

/** Seconds. */
const connectTimeout = 10;

/** Never asks, notices a dead connection within 20 s, and is not led astray by what is configured for people. */
const always = [
  ...['BatchMode=yes', 'ServerAliveInterval=5', 'ServerAliveCountMax=3', 'LogLevel=ERROR'],
  ...['RemoteCommand=none', 'ClearAllForwardings=yes', 'PermitLocalCommand=no'],
].flatMap(option => ['-o', option]);

class Ssh {
  /** What leads there. */
  readonly target: readonly string[];

  constructor(
    readonly host: Host,
    readonly program: readonly string[],
    { port, user, destination }: Extract<Address, { kind: 'ssh' }>,
  ) {
    this.target = [
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...(user === undefined ? [] : ['-l', user]),
      destination,
    ];
  }

  /** Our own time limit, where the user's configuration has none. */
  async timeout(): Promise<string[]> {
    const { code, stdout, stderr } = await execute([...this.program, '-G', ...this.target], process.env);
    if (code !== 0) throw this.unreachable(stderr);
    return /^connecttimeout \d/m.test(stdout) ? [] : ['-o', `ConnectTimeout=${connectTimeout}`];
  }

  connection(words: readonly string[], close = async () => {}): Connection {
    const { host } = this;
    const run = async (script: string, runOptions?: RunOptions): Promise<Ran> => {
      const command = [...this.program, '-T', '-x', ...always, ...words, ...this.target, commandLine(script)];
      const { code, stdout, stderr } = await execute(command, process.env, runOptions);
      // ssh(1): the exit code of the remote command, or 255 if an error occurred.
      if (code === null || code === 255) throw this.unreachable(stderr);
      const user = refusedUser(stderr);
      if (user !== null) throw refused(host, printable(user));
      return { code, stdout, stderr };
    };
    return { host, run, close };
  }

  private unreachable(stderr: string): TetraError {
    const { name } = this.host;
    const said = printable(stderr.trimEnd().split('\n').at(-1) as string).trim() || 'the connection was lost';
    const byHand = [...this.program, ...this.target].map(quote).join(' ');
    return new TetraError('unreachable', `${name} is out of reach: ${said}`, {
      hint: `try by hand, where ssh can ask, also about a host key that is new: ${byHand}`,
      facts: { host: name, said },
    });
  }
}

function refused(host: Host, user: string): TetraError {
  return new TetraError('permission', `${user} may not become root on ${host.name} without a password`, {
    hint: `log in as root, or, where tsm is installed, a line in /etc/sudoers.d/tsm: ${user} ALL=(root) NOPASSWD: /usr/local/lib/tsm/host`,
    facts: { host: host.name, user },
  });
}

/**
 * The connection that several commands share (ControlMaster in ssh_config(5)). A shell waits for the end of this
 * process, however it comes, on a pipe that nobody writes to, and then ends the connection.
 */
function startMaster({ program, target }: Ssh): { readonly words: string[]; readonly close: () => Promise<void> } {
  const folder = mkdtempSync(join(socketFolder(), 'tsm-'));
  const socket = ['-S', join(folder, 's').replaceAll('%', '%%')];
  const ending = [...program, ...socket, '-O', 'exit', ...target];
  const keeper = $({ detached: true, nothrow: true, quiet: true, stdio: ['pipe', 'ignore', 'ignore'] })`
    exec sh -c ${'read -r line; folder=$1; shift; "$@"; rm -rf "$folder"'} sh ${folder} ${ending}`;
  const pipe = keeper.stdin as Socket;
  pipe.unref();
  keeper.child?.unref();
  return {
    words: ['-o', 'ControlMaster=auto', '-o', 'ControlPersist=60', ...socket],
    close: async () => {
      keeper.child?.ref();
      pipe.end();
      await keeper;
    },
  };
}

/** Where paths of sockets stay short: they have at most 103 bytes (sun_path on macOS), 30 of which come after this. */
function socketFolder(): string {
  return Buffer.byteLength(tmpdir()) <= 73 ? tmpdir() : '/tmp';
}

function programWords(command: string): string[] {
  const parsed = parseCommand(command);
  if ('problem' in parsed)
    throw usage(`TETRA_SSH is no command: ${parsed.problem}`, parsed.hint ?? 'TETRA_SSH="ssh -F file"');
  return parsed.words.map(word => word.text);
}
