/** An organization with servers: what its operator has, what runs there, and what the operator does with it. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { uvu } from 'uvu';
import type { HostOutcome } from '../../../lib/host/activation.js';
import { Sandbox } from '../../support/sandbox.js';
import type { Host } from './host.js';
import { type Lab, labOf } from './lab.js';
import { installPrograms, source } from './programs.js';

/** What a delivery says of a host. */
export interface HostResult {
  readonly host: string;
  readonly outcome: HostOutcome;
  /** That is active now. */
  readonly generation: number | null;
  readonly reason?: string;
  readonly details?: readonly string[];
  readonly hint?: string;
  /** The plan's digest. */
  readonly plan?: string;
  readonly held: readonly string[];
}

/** A delivery's exit code, and its document. */
export interface Delivered {
  readonly code: number | null;
  readonly generation: number;
  readonly bundle: string;
  readonly hosts: readonly HostResult[];
  readonly skipped: readonly string[];
  readonly of?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** `acme-staging-web.service` */
export const unit = (service: string, env = 'staging'): string => `acme-${env}-${service}.service`;

/** The site of a suite, with these hosts: they are booted when a test first asks for it. */
export function siteOf<T>(suite: uvu.Test<T>, ...names: [string, ...string[]]): () => Promise<Site> {
  const lab = labOf(suite);
  let site: Promise<Site> | null = null;
  suite.after(async () => (await site)?.sandbox.remove());
  return () => {
    site ??= lab().then(opened => Site.open(opened, names));
    return site;
  };
}

export class Site {
  readonly sandbox = new Sandbox();
  readonly #local: string;
  readonly #manifest: string;
  #newest = 1;

  private constructor(
    readonly lab: Lab,
    readonly hosts: readonly Host[],
  ) {
    Object.assign(this.sandbox.env, lab.env);
    this.#local = this.sandbox.org('acme', source);
    this.#manifest = readFileSync(this.sandbox.layout.org('acme').manifest, 'utf8');
    this.name(Object.fromEntries(hosts.map(host => [host.name, []])));
  }

  static async open(lab: Lab, names: readonly string[]): Promise<Site> {
    const hosts = await Promise.all(names.map(name => lab.booted(name)));
    await Promise.all(hosts.map(installPrograms));
    return new Site(lab, hosts);
  }

  /** The first one. */
  get host(): Host {
    return this.hosts[0] as Host;
  }

  /** Names the hosts and their roles in the manifest. */
  name(roles: Readonly<Record<string, readonly string[]>>) {
    const blocks = Object.entries(roles).map(
      ([name, own]) => `\n[hosts.${name}]\naddress = "${name}"\nroles = ${JSON.stringify(own)}\n`,
    );
    writeFileSync(this.sandbox.layout.org('acme').manifest, this.#manifest + blocks.join(''));
  }

  get source(): string {
    return readFileSync(this.#local, 'utf8');
  }

  /** Changes local.toml; what changes nothing is a mistake of the test. */
  change(edit: (source: string) => string) {
    const changed = edit(this.source);
    if (changed === this.source) throw new Error('local.toml stays as it is');
    writeFileSync(this.#local, changed);
  }

  /** Gives the application's number of that name, which one service reads, a value that it never had. */
  renew(setting: 'greeting' | 'batch' | 'entries' | 'currency'): number {
    this.#newest += 1;
    this.change(text => text.replace(new RegExp(`^${setting} = .*$`, 'm'), `${setting} = ${this.#newest}`));
    return this.#newest;
  }

  /** Delivers a change that no host is expected to keep, and looks for a second; local.toml is afterwards what it was. */
  async attempt(edit: (source: string) => string): Promise<Delivered> {
    const before = this.source;
    this.change(edit);
    try {
      return await this.deploy('staging', '--soak', '1');
    } finally {
      writeFileSync(this.#local, before);
    }
  }

  /** Promotes, ships and activates, with one look at the services and no more; of an option given twice the last holds. */
  deploy(env: string, ...options: string[]): Promise<Delivered> {
    return this.tsm('org', 'deploy', env, '--soak', '0', ...options);
  }

  /** Like `deploy`, of what has to stand on every host. */
  async deployed(env: string, ...options: string[]): Promise<Delivered> {
    const delivered = await this.deploy(env, ...options);
    if (delivered.code !== 0) throw new Error(JSON.stringify(delivered, null, 2));
    return delivered;
  }

  /** Any command, with its document. */
  async tsm<T = Delivered>(...args: string[]): Promise<T & { readonly code: number | null }> {
    const { code, stdout, stderr } = await this.sandbox.start(...args, '--json');
    if (stdout === '') throw new Error(`tsm ${args.join(' ')}: exit ${code}: ${stderr}`);
    return { code, ...(JSON.parse(stdout) as T) };
  }

  /** What is live of ours: every file and when it was written, every process, the rules. */
  async traces() {
    const { host } = this;
    const find = "find /etc/systemd/system /etc/tetra ! -type d -name '*acme*' -printf '%p %T@ %C@ %i\\n'";
    const files = await host.sh(`${find} | sort`);
    const state = await host.sh('ls --full-time -i /var/lib/tsm/*/history; readlink /var/lib/tsm/*/current');
    const units = await host.sh("systemctl show --property=Id,MainPID,InvocationID 'acme-*'");
    return { files, state, units, rules: await host.rules() };
  }

  /** The main process of each service, by its name. */
  async pids(...services: string[]): Promise<Record<string, number>> {
    const pids = await this.host.pids(...services.map(service => unit(service)));
    return Object.fromEntries(services.map(service => [service, pids[unit(service)] as number]));
  }
}
