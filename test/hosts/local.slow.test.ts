/** A folder that stands for a server: the same activation, judged by what works without a running system. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edit, Sandbox } from '../support/sandbox.js';
import { source } from './support/programs.js';
import type { Delivered } from './support/site.js';

const test = suite('local host');

const sandbox = new Sandbox();
const root = mkdtempSync(join(tmpdir(), 'tetra-local-'));
const local = sandbox.org('acme', source);
edit(sandbox.layout.org('acme').manifest, text => `${text}\n[hosts.here]\naddress = "local:${root}"\n`);

test.after(() => {
  sandbox.remove();
  rmSync(root, { recursive: true });
});

test('has units, links, pointer and rules below its folder', async () => {
  const { code, hosts, bundle } = await deploy();
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 0, outcome: 'confirmed' });
  assert.is(readlinkSync(join(root, 'var/lib/tsm/acme-staging/current')), `../store/${bundle}`);
  const units = join(root, 'etc/systemd/system');
  const services = ['cache', 'ledger', 'web', 'worker'].map(name => `acme-staging-${name}.service`);
  assert.equal(readdirSync(join(units, 'acme-staging.target.wants')), services);
  for (const name of services) assert.ok(existsSync(join(units, name)), name);
  assert.match(readFileSync(join(root, 'etc/tetra/firewall.nft'), 'utf8'), 'jump acme-staging');
});

test('is unchanged by the same generation', async () => {
  const { code, hosts } = await deploy();
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 0, outcome: 'unchanged' });
});

test('takes back a generation whose own check fails, with exit code 3', async () => {
  const before = state();
  const text = readFileSync(local, 'utf8');
  writeFileSync(local, text.replace('[services.web]', '$&\nhealth.command = "false"').replace('= 1', '= 2'));
  const { code, hosts } = await deploy();
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 3, outcome: 'reverted' });
  assert.match(hosts[0]?.reason ?? '', /acme-staging-web\.service is sick: its check never passed/);
  assert.equal(state(), before);
  writeFileSync(local, text);
});

test('keeps a generation whose own check passes', async () => {
  edit(local, text => text.replace('[services.web]', '$&\nhealth.command = "test -n ${TETRA_ENV}"'));
  const { code, hosts } = await deploy();
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 0, outcome: 'confirmed' });
});

test('takes a service away with its files', async () => {
  edit(local, text => text.replace(/\[services\.worker\]\n(.+\n)*/, ''));
  assert.is((await deploy()).code, 0);
  assert.equal(
    readdirSync(join(root, 'etc/systemd/system'), { recursive: true }).filter(name => String(name).includes('worker')),
    [],
  );
});

test('goes back by a rollback', async () => {
  const { code, stdout } = await sandbox.start('org', 'rollback', 'staging', '--activate', '--json');
  assert.is(code, 0, stdout);
  assert.ok(existsSync(join(root, 'etc/systemd/system/acme-staging-worker.service')));
});

test.run();

async function deploy(): Promise<Delivered> {
  const { code, stdout } = await sandbox.start('org', 'deploy', 'staging', '--json');
  return { code, ...JSON.parse(stdout) };
}

function state() {
  const units = join(root, 'etc/systemd/system');
  const texts = readdirSync(units)
    .filter(name => name.endsWith('.service'))
    .map(name => readFileSync(join(units, name), 'utf8'));
  return { texts, current: readlinkSync(join(root, 'var/lib/tsm/acme-staging/current')) };
}
