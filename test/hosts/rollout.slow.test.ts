/** Several servers take a generation one after the other, and a bad one costs one of them. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import type { Host } from './support/host.js';
import { type Delivered, siteOf, unit } from './support/site.js';

const test = suite('rollout');
const promise = testIfHosts(test, 'several servers');
const site = siteOf(test, 'web1', 'web2', 'db1');

promise('goes to every server, in the order of the manifest', async () => {
  const one = await site();
  const { hosts, skipped } = await one.deployed('staging');
  assert.equal(outcomes(hosts), ['web1 confirmed', 'web2 confirmed', 'db1 confirmed']);
  assert.equal(skipped, []);
});

promise('begins on one server when the one before it is done', async () => {
  const one = await site();
  one.renew('batch');
  await one.deployed('staging');
  const times = await Promise.all(one.hosts.map(lastRecord));
  for (const [i, { since }] of times.entries()) assert.ok(i === 0 || since >= (times[i - 1]?.at ?? ''), String(i));
});

promise('stops at the first server that refuses: those behind it are not touched, with exit code 4', async () => {
  const one = await site();
  const [, second, third] = one.hosts as [Host, Host, Host];
  const before = await pidOf(third);
  await second.sh('chmod -x /opt/tetra/worker');
  one.renew('batch');
  const { code, hosts, skipped } = await one.deploy('staging');
  assert.equal({ code, skipped, hosts: outcomes(hosts) }, stopped('refused'));
  assert.is(await pidOf(third), before);
  await second.sh('chmod +x /opt/tetra/worker');
});

promise('stops at the first server that takes it back, which is what it was', async () => {
  const one = await site();
  const [, second, third] = one.hosts as [Host, Host, Host];
  await one.deployed('staging');
  for (const host of one.hosts) {
    const ends = host === second ? 'exit 1' : 'exec sleep infinity';
    await host.put('/opt/tetra/picky', `#!/bin/sh\n${ends}\n`, 0o755);
  }
  const before = await Promise.all([second, third].map(state));
  const attempt = await one.attempt(text => text.replace('/opt/tetra/worker', '/opt/tetra/picky'));
  const { code, hosts, skipped } = attempt;
  assert.equal({ code, skipped, hosts: outcomes(hosts) }, stopped('reverted'));
  assert.equal(await Promise.all([second, third].map(state)), before);
});

promise('stops at a server out of reach; alone that is exit code 69', async () => {
  const one = await site();
  const [, second] = one.hosts as [Host, Host, Host];
  await second.sh('systemctl stop ssh.service');
  one.renew('batch');
  const { code, hosts, skipped } = await one.deploy('staging');
  assert.equal({ code, skipped, hosts: outcomes(hosts) }, stopped('unreachable'));
  assert.is((await one.tsm('org', 'activate', 'staging', '--host', 'web2')).code, 69);
  await second.sh('systemctl start ssh.service');
});

promise('goes to the servers that --host names or fits, and to no other', async () => {
  const one = await site();
  await one.deployed('staging');
  one.renew('batch');
  assert.equal(outcomes((await one.deployed('staging', '--host', 'web*')).hosts), ['web1 confirmed', 'web2 confirmed']);
  const behind = await one.tsm<{ hosts: { host: string; isThere: boolean }[] }>('org', 'status', 'staging');
  assert.is(behind.code, 4);
  assert.equal(
    behind.hosts.filter(host => !host.isThere).map(({ host }) => host),
    ['db1'],
  );
  assert.equal(outcomes((await one.deployed('staging', '--host', 'db1')).hosts), ['db1 confirmed']);
  assert.equal(outcomes((await one.deployed('staging')).hosts), ['web1 unchanged', 'web2 unchanged', 'db1 unchanged']);
});

promise('goes nowhere where --host fits no server', async () => {
  const one = await site();
  const { code, error } = await one.deploy('staging', '--host', 'mail*');
  assert.equal({ code, message: error?.message }, { code: 64, message: 'no host fits "mail*"' });
});

test.run();

const outcomes = (hosts: Delivered['hosts']) => hosts.map(({ host, outcome }) => `${host} ${outcome}`);

const stopped = (how: string) => ({ code: 4, skipped: ['db1'], hosts: ['web1 confirmed', `web2 ${how}`] });

async function lastRecord(host: Host): Promise<{ since: string; at: string }> {
  const line = await host.sh('cd /var/lib/tsm/acme-staging/history && cat "$(ls | tail -n 1)"');
  return JSON.parse(line.slice(line.indexOf('{')));
}

async function pidOf(host: Host): Promise<number | undefined> {
  return (await host.pids(unit('worker')))[unit('worker')];
}

async function state(host: Host) {
  const files = await host.sh('cat /etc/systemd/system/acme-*; readlink /var/lib/tsm/acme-staging/current');
  return { files, others: await host.pids(unit('web'), unit('cache'), unit('ledger')) };
}
