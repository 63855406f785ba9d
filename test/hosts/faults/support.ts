/** A server that runs version `a` of an environment, an operator who can deliver `b`, and what may go wrong meanwhile. */

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { type Ran, Sandbox, tsmPath } from '../../support/sandbox.js';
import { until } from '../support/commands.js';
import type { Host, HostOptions } from '../support/host.js';
import type { Lab } from '../support/lab.js';
import { brokenInvariants, look, type Rules, settled } from './invariants.js';

export type Version = 'a' | 'b';

export const environment = 'acme-dev';
export const root = `/var/lib/tsm/${environment}`;
export const activateUnit = `tsm-activate-${environment}.service`;
export const revertUnit = `tsm-revert-${environment}.service`;

/** Each verb of a plan comes up on the way between the versions: start, stop, restart, stop-start, and the rules. */
export function sourceOf(version: Version, extra = ''): string {
  const own = version === 'a' ? 'old' : 'new';
  const service = (name: string, mark: string, setting = '') => `
[services.${name}]
command = "sleep infinity"
working_dir = "/"
${setting}
[services.${name}.environment]
MARK = "${mark}"
`;
  const ssh = `allowed_ssh = ["10.213.0.0/16"${version === 'a' ? '' : ', "192.0.2.0/24"'}]`;
  return `
${extra.includes('allowed_ssh') ? '' : `[env.dev.security]\n${ssh}`}
${service('kept', 'always')}${service('changed', version)}${service('ending', version, `stop_timeout = ${version === 'a' ? 20 : 30}`)}${service(own, version)}
${extra}`;
}

/** A command that runs, in a session of its own. */
export class Client {
  stderr = '';
  private stdout = '';
  private readonly child: ChildProcess;
  /** Its output and, where no signal ended it, its exit code. */
  readonly result: Promise<Ran>;

  constructor(box: Sandbox, args: readonly string[]) {
    const options = { cwd: box.home, env: box.environment(), detached: true } as const;
    this.child = spawn(process.execPath, [tsmPath, ...args], options);
    this.child.stdout?.on('data', chunk => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', chunk => {
      this.stderr += chunk;
    });
    const limit = setTimeout(() => this.signal('SIGKILL'), 150_000);
    this.result = new Promise(done => {
      this.child.on('exit', code => {
        clearTimeout(limit);
        // What it started may hold its pipes open: what is in them now is all that counts.
        setTimeout(() => done({ code, stdout: this.stdout, stderr: this.stderr }), 50);
      });
    });
  }

  /** To everything that it started, as Ctrl-C in a terminal, or to the command alone. */
  signal(signal: NodeJS.Signals, alone = false) {
    const { pid, exitCode } = this.child;
    if (pid !== undefined && exitCode === null) process.kill(alone ? pid : -pid, signal);
  }

  /** Waits until it tells of a step. */
  async tells(step: string, seconds = 20) {
    await until(() => new RegExp(`^ +[0-9.]+m?s  ${step} `, 'm').test(this.stderr), `the step ${step}`, seconds);
  }
}

/** The site of a suite: opened when a test first asks for it. */
export function siteOf(lab: () => Promise<Lab>, name: string, options: HostOptions = {}): () => Promise<Site> {
  let site: Promise<Site> | null = null;
  return () => {
    site ??= lab().then(there => Site.open(there, name, options));
    return site;
  };
}

export class Site {
  readonly box = new Sandbox();
  /** What the host is on. */
  version: Version = 'b';
  private readonly rules: Rules = new Map();

  private constructor(readonly host: Host) {}

  /** A server that has been on both versions, so that it is known what it is like on each. */
  static async open(lab: Lab, name: string, options: HostOptions = {}): Promise<Site> {
    const site = new Site(await lab.booted(name, options));
    Object.assign(site.box.env, lab.env);
    site.box.org('acme', sourceOf('b'));
    site.writeManifest();
    await site.reach('b', true);
    await site.reach('a', true);
    return site;
  }

  /** Where the operator finds the host, and as whom. */
  writeManifest(address = this.host.name, user = 'root') {
    const host = `[hosts.${this.host.name}]\naddress = "${address}"\nuser = "${user}"\nenv = "dev"\n`;
    writeFileSync(this.box.layout.org('acme').manifest, `[organization]\nname = "acme"\n${host}`);
  }

  get other(): Version {
    return this.version === 'a' ? 'b' : 'a';
  }

  tsm(...args: string[]): Client {
    return new Client(this.box, args);
  }

  /** Makes a version the one that is wanted. */
  promote(version: Version, extra = '') {
    writeFileSync(this.box.layout.org('acme').source, sourceOf(version, extra));
    const { code, stderr } = this.box.run('org', 'promote', '@dev');
    assert.is(code, 0, stderr);
  }

  /** Starts to deliver the other version. */
  deliver(options: readonly string[] = [], extra = ''): Client {
    this.promote(this.other, extra);
    return this.tsm('org', 'deploy', '@dev', '--soak', '0', ...options);
  }

  /**
   * The host has settled, and is on one version as a whole; which one, where that is known. What may be left is litter
   * that the next activation takes away.
   */
  async expectWhole(expected?: Version, litter: readonly string[] = []) {
    await settled(this.host, environment);
    const { bundle } = await look(this.host, environment);
    const broken = await brokenInvariants(this.host, environment, this.rules);
    const harmless = litter.map(name => `${name} is left`);
    assert.equal(
      broken.filter(problem => !harmless.includes(problem)),
      [],
    );
    this.version = `${environment}-old.service` in (bundle?.units ?? {}) ? 'a' : 'b';
    if (expected) assert.is(this.version, expected);
  }

  /** The same, and the next activation works. */
  async expectSound(expected?: Version) {
    await this.expectWhole(expected);
    await this.reach(this.other);
  }

  /** Delivers it undisturbed. */
  private async reach(version: Version, learns = false) {
    this.promote(version);
    const { code, stderr } = await this.tsm('org', 'deploy', '@dev', '--soak', '0').result;
    assert.is(code, 0, stderr);
    await settled(this.host, environment);
    const { current, firewall, table } = await look(this.host, environment);
    if (learns) this.rules.set(String(current), { firewall, table });
    await this.expectWhole(version);
  }

  /** The id of the newest activation, once the host has begun it. */
  async newest(than = ''): Promise<string> {
    let id = '';
    const isThere = async () => {
      id = (await this.host.run(`ls -t ${root}/activations | head -1`)).stdout.trim();
      return id !== than;
    };
    await until(isThere, 'an activation');
    return id;
  }

  /** Runs a command on the host as soon as an activation newer than the given one has come to a step. */
  at(step: string, than: string, command: string, seconds = 30): Promise<Ran> {
    const newest = `id=$(ls -t ${root}/activations | head -1); [ "$id" != "${than}" ]`;
    const isThere = `grep -qs '"step":"${step}"' ${root}/activations/$id/events.ndjson`;
    return this.host.run(`until ${newest} && ${isThere}; do sleep 0.002; done; ${command}`, { timeout: seconds });
  }
}
