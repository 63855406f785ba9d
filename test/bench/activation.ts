/**
 * How long an activation takes on a booted host, from the command to its verdict, beside what somebody would do by hand
 * for the same change: over one connection write the file, and call systemctl or nft. Two empty Node processes on the host
 * are added to that, since less than two no tool of this kind can do with.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import type { Host } from '../hosts/support/host.js';
import { type Lab, openLab } from '../hosts/support/lab.js';
import { skipped, testIfHosts } from '../support/needs.js';
import { Sandbox, tsmPath } from '../support/sandbox.js';
import { type Contest, compete } from './contest.js';

export async function benchActivations(rounds: number) {
  const before = skipped.length;
  testIfHosts(suite('bench'), 'activations on a booted host');
  const [missing] = skipped.slice(before);
  if (missing) return console.log(`\nnot measured: ${missing.what} (${missing.reason})`);
  const lab = await openLab();
  const box = new Sandbox();
  try {
    const host = await lab.booted('bench');
    await host.sh('useradd --system --user-group tetra && install -d -o tetra -g tetra /opt/tetra /var/lib/tetra');
    const site = new Site(box, lab, host);
    site.tsm('deploy', '--soak', '0', '--no-confirm');
    for (const change of ['service', 'firewall'] as const)
      compete(`Activation, a change of ${titles[change]}`, site.contests(change), byHand, rounds);
  } finally {
    await lab.close();
    box.remove();
  }
}

const byHand = 'by hand, and two Node starts';
const titles = { service: 'one service', firewall: 'the firewall' };

const source = `
[ports]
web = 3000

[services.worker]
command = "/bin/sleep infinity"
environment.ROUND = "0"

[services.other]
command = "/bin/sleep infinity"

[env.staging.security]
tls = "external"
allowed_ips = ["10.0.0.0/8"]
`;

/** An environment with one host. */
class Site {
  readonly #source: string;
  #changes = 0;

  constructor(
    readonly box: Sandbox,
    readonly lab: Lab,
    readonly host: Host,
  ) {
    Object.assign(box.env, lab.env);
    this.#source = box.org('acme', source);
    const { manifest } = box.layout.org('acme');
    writeFileSync(manifest, `${readFileSync(manifest, 'utf8')}\n[hosts.${host.name}]\naddress = "${host.name}"\n`);
    box.json('org', 'promote', '@staging');
  }

  tsm(verb: string, ...options: string[]) {
    this.box.json('org', verb, '@staging', ...options);
  }

  /** What is changed by `change` lies on the host, and only has to be activated. */
  #ship(change: 'service' | 'firewall') {
    this.#changes += 1;
    const [from, to] = {
      service: [/ROUND = ".*"/, `ROUND = "${this.#changes}"`] as const,
      firewall: [/"10\..*"/, `"10.${this.#changes % 250}.0.0/16"`] as const,
    }[change];
    writeFileSync(this.#source, readFileSync(this.#source, 'utf8').replace(from, to));
    this.box.json('org', 'promote', '@staging');
    this.tsm('ship');
  }

  contests(change: 'service' | 'firewall'): Contest[] {
    const activate = (name: string, ...options: string[]): Contest => ({
      name,
      before: () => this.#ship(change),
      command: [process.execPath, tsmPath, 'org', 'activate', '@staging', '--soak', '0', ...options],
      env: this.box.environment(),
    });
    return [
      this.#byHand(byHand, `${bare[change]}; node -e 0; node -e 0`),
      this.#byHand('by hand', bare[change]),
      this.#byHand('a connection', ':'),
      activate('tsm org activate --no-confirm', '--no-confirm'),
      this.#byHand('by hand, two Node starts, a new connection', `${bare[change]}; node -e 0; node -e 0`, true),
      activate('tsm org activate, confirmed by itself'),
    ];
  }

  /** The script over a connection that is opened for it and shared, as tsm does; then, where asked, over a new one. */
  #byHand(name: string, script: string, again = false): Contest {
    const { sshConfig } = this.lab;
    const ssh = `ssh -F ${sshConfig}`;
    const shared = `${ssh} -S ${join(this.box.home, 'shared')}`;
    const { name: host } = this.host;
    const words = [
      `${shared} -o ControlMaster=auto -o ControlPersist=60 ${host} :`,
      `${shared} ${host} '${script}'`,
      ...(again ? [`${ssh} -S none ${host} :`] : []),
      `${shared} -O exit ${host} 2>/dev/null`,
    ];
    return { name, command: ['sh', '-c', words.join(' && ')], env: { PATH: process.env.PATH ?? '' } };
  }
}

/** The same change as simple as it can be. The files are those that tsm has written, so that there is as much to read. */
const bare = {
  service: [
    'cd /etc/systemd/system',
    'cp acme-staging-worker.service .new && mv .new acme-staging-worker.service',
    'systemctl daemon-reload',
    'systemctl restart acme-staging-worker.service',
  ].join(' && '),
  firewall: ['cd /etc/tetra', 'cp firewall.nft .new && mv .new firewall.nft', 'nft -f firewall.nft'].join(' && '),
};
