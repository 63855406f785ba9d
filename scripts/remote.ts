/** The host program, called from the operator's side. */

import { existsSync, readFileSync } from 'node:fs';
import { sha256 } from '../lib/digest.js';
import { type ErrorCode, exitCodes, TetraError } from '../lib/errors.js';
import type { ActivationRequest, TimedEvent, Verdict } from '../lib/host/activation.js';
import type { Host } from '../lib/hosts.js';
import type { Connection } from './connection.js';
import { HostLayout } from './host/layout.js';
import type { EnvironmentStatus } from './host/status.js';
import { asRoot } from './shell.js';

/** Where it lies on a server. */
const programPath = new HostLayout('').program;

/** What the operator's side has of it: one file. */
export interface HostProgram {
  readonly path: string;
  /** SHA-256, hex. */
  readonly digest: string;
}

export interface Probe {
  /** SHA-256 of the host's program; `null` where there is none. */
  readonly program: string | null;
  readonly isRoot: boolean;
  /** `v18.20.4`; `null` where there is no Node, and on a server whose program has answered, which proves one. */
  readonly node: string | null;
  /** SSH_CONNECTION; `null` on a local host. */
  readonly connection: string | null;
  /** `null` where there is no program to ask. */
  readonly status: EnvironmentStatus | null;
}

/** One host, and the connection that its work goes through. */
export class Remote {
  constructor(
    readonly host: Host,
    readonly connection: Connection,
    private readonly program: HostProgram,
  ) {}

  /** SHA-256 of our own. */
  get programDigest(): string {
    return this.program.digest;
  }

  /** What is there, in one round trip; `objects` are store names whose absence `status.missing` tells. */
  async probe(org: string, env: string, objects: readonly string[]): Promise<Probe> {
    const call = this.call('status', org, env, ...objects);
    const { address } = this.host;
    if (address.kind === 'local') {
      const program = digestOf(`${address.root}${programPath}`);
      const status = program === null ? null : await this.statusBy(call);
      return { program, isRoot: false, node: process.version, connection: null, status };
    }
    const script = [
      'echo "uid $(id -u)"',
      'echo "connection $TSM_CONNECTION"',
      `[ -f ${programPath} ] || { echo "node $(node --version 2>/dev/null)"; exit 0; }`,
      `echo "program $(${digestInShell} < ${programPath})"`,
      call,
    ].join('\n');
    const { code, stdout, stderr } = await this.connection.run(script);
    const said = (name: string) => new RegExp(`^${name} (.+)$`, 'm').exec(stdout)?.[1] ?? null;
    const answer = stdout.split('\n').find(line => line.startsWith('[') || line.startsWith('{'));
    if (said('program') !== null && (code !== 0 || !answer)) throw this.failure(code, answer ?? '', stderr);
    return {
      program: said('program'),
      isRoot: said('uid') === '0',
      node: said('node'),
      connection: said('connection'),
      status: answer ? ((JSON.parse(answer) as EnvironmentStatus[])[0] ?? null) : null,
    };
  }

  private async statusBy(call: string): Promise<EnvironmentStatus | null> {
    const { stdout } = await this.expect(call);
    return (JSON.parse(stdout) as EnvironmentStatus[])[0] ?? null;
  }

  /** SHA-256 of the program that is there; `null` where none is. */
  async version(): Promise<string | null> {
    const { address } = this.host;
    if (address.kind === 'local') return digestOf(`${address.root}${programPath}`);
    const { stdout } = await this.connection.run(`[ ! -f ${programPath} ] || ${digestInShell} < ${programPath}`);
    return stdout.trim() || null;
  }

  /**
   * Puts the program there, and the units that make the host stand on its own. It has to be whole after a power cut: it
   * is what takes an activation back then.
   */
  async install() {
    const { address } = this.host;
    if (address.kind === 'local') {
      await this.expect(this.call('install'));
      return;
    }
    const folder = programPath.slice(0, programPath.lastIndexOf('/'));
    const temporary = `${programPath}.new`;
    const put = `umask 022; mkdir -p ${folder} && cat > ${temporary} && chmod 755 ${temporary} && sync ${temporary}`;
    // A connection that is cut ends the input like any other end.
    const whole = `[ "$(${digestInShell} < ${temporary})" = ${this.program.digest} ]`;
    const script = `${put} && ${whole} && mv -f ${temporary} ${programPath} && exec ${programPath} install`;
    await this.expect(asRoot(`sh -c '${script}'`), readFileSync(this.program.path));
  }

  async receive(org: string, env: string, archive: Uint8Array) {
    await this.expect(this.call('receive', org, env, this.host.name), archive);
  }

  /** Starts an activation and hands on what it says, until its verdict. @throws unreachable where the connection is cut. */
  async activate(
    request: ActivationRequest,
    hear: (event: TimedEvent) => void,
    signal?: AbortSignal,
  ): Promise<Verdict> {
    return await this.stream(this.call('activate'), hear, signal, JSON.stringify(request));
  }

  /** The same for one that runs already. */
  async follow(
    { org, env, id }: ActivationRequest,
    hear: (event: TimedEvent) => void,
    signal?: AbortSignal,
  ): Promise<Verdict> {
    return await this.stream(this.call('follow', org, env, id), hear, signal);
  }

  async confirm(org: string, env: string, id: string): Promise<Verdict> {
    const { stdout } = await this.expect(`${this.call('confirm', org, env, id)} "$TSM_CONNECTION"`);
    return this.verdict(stdout);
  }

  async revert(org: string, env: string, id: string, by: string): Promise<Verdict> {
    const { stdout } = await this.expect(this.call('revert', org, env, id, by));
    return this.verdict(stdout);
  }

  async cancel({ org, env, id }: ActivationRequest) {
    await this.expect(this.call('cancel', org, env, id));
  }

  private async stream(
    script: string,
    hear: (event: TimedEvent) => void,
    signal: AbortSignal | undefined,
    input?: string,
  ): Promise<Verdict> {
    let verdict: Verdict | undefined;
    const onLine = (line: string) => {
      const event = eventIn(line);
      if (!event) return;
      if (event.event === 'verdict') verdict = event.verdict;
      hear({ ...event, host: this.host.name });
    };
    const { code, stdout, stderr } = await this.connection.run(script, { input, onLine, signal });
    if (verdict) return verdict;
    throw this.failure(code, stdout.split('\n').filter(Boolean).at(-1) ?? '', stderr);
  }

  private verdict(stdout: string): Verdict {
    return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Verdict;
  }

  private async expect(script: string, input?: Uint8Array) {
    const ran = await this.connection.run(script, { input: input && Buffer.from(input) });
    if (ran.code !== 0) throw this.failure(ran.code, ran.stdout.trim().split('\n').at(-1) ?? '', ran.stderr);
    return ran;
  }

  /** A call of the program, as a line of sh(1). */
  private call(verb: string, ...args: readonly string[]): string {
    const { address } = this.host;
    const words = [verb, ...args].map(shellQuoted).join(' ');
    if (address.kind === 'ssh') return asRoot(`${programPath} ${words}`);
    return [process.execPath, this.program.path, `--root=${address.root}`]
      .map(shellQuoted)
      .join(' ')
      .concat(' ', words);
  }

  /** The host's own words where it said any. */
  private failure(code: number, answer: string, stderr: string): TetraError {
    const { name } = this.host;
    try {
      const { error, refusal } = JSON.parse(answer) as { error?: Record<string, string>; refusal?: Verdict };
      if (refusal) return new TetraError('refused', `${name}: ${refusal.reason}`, { hint: refusal.hint });
      const { code: said = '', message = '', hint, ...facts } = error ?? {};
      const known = said in exitCodes ? (said as ErrorCode) : 'failed';
      return new TetraError(known, `${name}: ${message}`, { hint, facts: { ...facts, host: name } });
    } catch {
      const words = stderr.trim().split('\n').at(-1) || answer || `exit ${code}`;
      return new TetraError('failed', `${name}: the host's tsm could not be run: ${words}`, {
        hint: `tsm host upgrade --host ${name}`,
        facts: { host: name, exit: code },
      });
    }
  }
}

/** `null` for a line that is none: a login shell may say more than it is asked. */
function eventIn(line: string): TimedEvent | null {
  try {
    const value = JSON.parse(line) as TimedEvent;
    return value.event ? value : null;
  } catch {
    return null;
  }
}

/** Of what it reads. */
const digestInShell = '{ sha256sum | cut -c1-64; }';

function digestOf(path: string): string | null {
  return existsSync(path) ? sha256(readFileSync(path)).slice('sha256:'.length) : null;
}

export function shellQuoted(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The activation that is under way there, if one is. */
export async function undecided(remote: Remote, org: string, env: string): Promise<EnvironmentStatus['underWay']> {
  const { status } = await remote.probe(org, env, []);
  return status?.underWay ?? null;
}
