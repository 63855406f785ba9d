/** A change reaches the service that it is meant for, and no other. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import { until } from './support/commands.js';
import { answers } from './support/programs.js';
import { type Site, siteOf, unit } from './support/site.js';

const services = ['cache', 'ledger', 'web', 'worker'];

const test = suite('a change');
const promise = testIfHosts(test, 'changes of services on servers');
const site = siteOf(test, 'web1');

promise('of what a service reads restarts that service alone', async () => {
  const one = await site();
  await one.deployed('staging');
  assert.equal(await restartedBy(one, () => one.renew('batch')), ['worker']);
});

promise('of what a service reads reaches the service', async () => {
  const one = await site();
  const greeting = one.renew('greeting');
  assert.equal(await restartedBy(one), ['web']);
  await until(async () => (await answers(one.host))?.greeting === greeting, 'the new greeting', 5);
});

promise('is taken by a reload where the service has one: the process stays', async () => {
  const one = await site();
  const entries = one.renew('entries');
  assert.equal(await restartedBy(one), []);
  const said = async () => (await one.host.journal(unit('cache'))).split('\n').includes(`entries ${entries}`);
  await until(said, 'the new number', 5);
});

promise('of a reloadable service’s environment restarts it: no reload could bring that', async () => {
  const one = await site();
  const tell = (text: string) => text.replace('[services.cache]', '$&\nenvironment.COLOR = "red"');
  assert.equal(await restartedBy(one, () => one.change(tell)), ['cache']);
});

promise('of a service’s environment restarts it', async () => {
  const one = await site();
  const set = (text: string) => text.replace('[services.worker]', '$&\nenvironment.COLOR = "red"');
  assert.equal(await restartedBy(one, () => one.change(set)), ['worker']);
});

promise('of limits that all services have restarts them all, but for one that must not be', async () => {
  const one = await site();
  const limit = (text: string) => `${text}\n[env.staging.resources]\nnofile = 4096\n`;
  assert.equal(await restartedBy(one, () => one.change(limit)), ['cache', 'web', 'worker']);
});

promise('of the environment’s description, or of who may come in, restarts nothing', async () => {
  const one = await site();
  const describe = (text: string) =>
    text.replace(
      '[env.staging.security]',
      '[env.staging.environment]\ndescription = "The rehearsal"\n\n$&\nallowed_ips = ["10.0.0.0/9", "10.128.0.0/9"]',
    );
  assert.equal(await restartedBy(one, () => one.change(describe)), []);
  assert.match(await one.host.sh('systemctl show --property=Description acme-staging.target'), 'The rehearsal');
});

promise('of how a service is looked at, or how long it may take to end, restarts nothing', async () => {
  const one = await site();
  const look = (text: string) => text.replace('[services.worker]', '$&\nstop_timeout = 30\nhealth.command = "true"');
  assert.equal(await restartedBy(one, () => one.change(look)), []);
  assert.is(await one.host.sh(`systemctl show --property=TimeoutStopUSec ${unit('worker')}`), 'TimeoutStopUSec=30s');
});

promise('of a service that must not be restarted leaves it as it was, and says so', async () => {
  const one = await site();
  const before = await one.pids('ledger');
  one.renew('currency');
  const [{ outcome, held } = {}] = (await one.deployed('staging')).hosts;
  assert.equal({ outcome, held }, { outcome: 'confirmed', held: [unit('ledger')] });
  assert.equal(await one.pids('ledger'), before);
});

promise('leaves a service stopped that an operator stopped', async () => {
  const one = await site();
  await one.host.sh(`systemctl stop ${unit('worker')}`);
  one.renew('batch');
  one.renew('greeting');
  await one.deployed('staging');
  assert.is((await one.pids('worker')).worker, 0);
  await one.host.sh(`systemctl start ${unit('worker')}`);
});

promise('that renames a service ends the old one and begins the new, and no third', async () => {
  const one = await site();
  const restarted = await restartedBy(
    one,
    () => one.change(text => text.replace('[services.worker]', '[services.packer]')),
    ['cache', 'ledger', 'web'],
  );
  assert.equal(restarted, []);
  const { packer, worker } = await one.pids('packer', 'worker');
  assert.ok(packer);
  assert.is(worker, 0);
});

promise('that removes a service stops it, and takes its files and links away', async () => {
  const one = await site();
  one.change(text => text.replace(/\[services\.packer\]\n(.+\n)*/, ''));
  await one.deployed('staging');
  const find = 'find /etc/systemd/system /run/systemd -name "*packer*"; ls -A /etc/tetra';
  assert.is(await one.host.sh(find), 'firewall.nft');
  assert.is(await one.host.sh(`systemctl show --property=LoadState ${unit('packer')}`), 'LoadState=not-found');
  assert.is((await one.host.run('pgrep -f packer')).stdout, '');
});

promise('that brings a service starts it beside the others', async () => {
  const one = await site();
  const add = (text: string) => text.replace('[services.web]', '[services.mailer]\ncommand = "sleep infinity"\n\n$&');
  assert.equal(await restartedBy(one, () => one.change(add), ['cache', 'ledger', 'web']), []);
  assert.ok((await one.pids('mailer')).mailer);
});

promise('of roles keeps a service on a host that has one of them', async () => {
  const one = await site();
  one.change(text => text.replace('[services.mailer]', '$&\nroles = ["jobs", "mail"]'));
  one.name({ web1: ['jobs'] });
  const before = await one.pids('mailer');
  await one.deployed('staging');
  assert.equal(await one.pids('mailer'), before);
});

promise('of roles stops a service where the host has lost its own, and takes its files away', async () => {
  const one = await site();
  one.name({ web1: ['web'] });
  const { web } = await one.pids('web');
  const { code, hosts } = await one.deploy('staging');
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 0, outcome: 'confirmed' });
  assert.equal(await one.pids('mailer', 'web'), { mailer: 0, web });
  assert.is(await one.host.sh('find /etc/systemd/system -name "*mailer*"'), '');
});

promise('of roles brings a service back where the host gets another of its own', async () => {
  const one = await site();
  one.name({ web1: ['web', 'mail'] });
  await one.deployed('staging');
  assert.ok((await one.pids('mailer')).mailer);
});

promise('that does not touch a service leaves no request to it unanswered', async () => {
  const one = await site();
  await until(async () => (await answers(one.host)) !== null, 'the first answer', 5);
  one.renew('entries');
  one.change(text =>
    text
      .replace(/\[services\.mailer\]\n(.+\n)*/, '')
      .replace('[services.cache]', '$&\nstop_timeout = 20')
      .replace('"10.128.0.0/9"', '"10.128.0.0/10", "10.192.0.0/10"'),
  );
  const hammer = { ended: false, answered: 0, failed: 0 };
  const hammering = Array.from({ length: 4 }, async () => {
    while (!hammer.ended) hammer[(await answers(one.host)) ? 'answered' : 'failed'] += 1;
  });
  await one.deployed('staging');
  hammer.ended = true;
  await Promise.all(hammering);
  assert.is(hammer.failed, 0);
  assert.ok(hammer.answered > 100, String(hammer.answered));
});

test.run();

/** Of these services, those that are other processes after the deployment of a change; all of them run. */
async function restartedBy(one: Site, change: () => unknown = () => {}, of: readonly string[] = services) {
  const before = await one.pids(...of);
  change();
  await one.deployed('staging');
  const after = await one.pids(...of);
  assert.not.ok(Object.values(after).includes(0), JSON.stringify(after));
  return of.filter(service => before[service] !== after[service]);
}
