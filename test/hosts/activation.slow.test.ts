/** What the first activation makes of a server, and what the next one leaves alone. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import { run } from './support/commands.js';
import { type Delivered, type Site, siteOf, unit } from './support/site.js';

const services = ['cache', 'ledger', 'web', 'worker'] as const;

const test = suite('activation');
const promise = testIfHosts(test, 'activations on servers');
const site = siteOf(test, 'web1');

/** Delivered by whichever test comes first. */
let delivered: Promise<Delivered> | null = null;

async function activated(): Promise<Site> {
  const one = await site();
  delivered ??= one.deployed('staging');
  await delivered;
  return one;
}

promise('is confirmed the first time, and exits 0', async () => {
  await activated();
  const { code, generation, hosts, skipped } = (await delivered) as Delivered;
  const [{ host, outcome, held }] = hosts as [Delivered['hosts'][number]];
  assert.equal(
    { code, generation, host, outcome, held, skipped },
    { code: 0, generation: 1, host: 'web1', outcome: 'confirmed', held: [], skipped: [] },
  );
});

promise('runs every service, and the target that holds them', async () => {
  const { host } = await activated();
  const units = ['acme-staging.target', ...services.map(service => unit(service))];
  assert.is(await host.sh(`systemctl is-active ${units.join(' ')}`), units.map(() => 'active').join('\n'));
});

promise('gives a service the settings of the generation, and its port to those who may come', async () => {
  const { host } = await activated();
  const { stdout } = await run('curl', ['-sS', `http://${host.address}:3000/`], { timeout: 10 });
  assert.is(JSON.parse(stdout).greeting, 1);
});

promise('copies the units, and enables them by links that lead to the copies', async () => {
  const { host } = await activated();
  const folder = '/etc/systemd/system';
  const links = await host.sh(`find ${folder} -lname '*acme*' -printf '%P %l\\n' | sort`);
  assert.equal(links.split('\n'), [
    ...services.map(service => `acme-staging.target.wants/${unit(service)} ../${unit(service)}`),
    'multi-user.target.wants/acme-staging.target ../acme-staging.target',
  ]);
  const bundle = '/var/lib/tsm/acme-staging/current/systemd';
  await host.sh(`cd ${bundle} && for name in *; do cmp $name ${folder}/$name && test -f ${folder}/$name; done`);
  assert.is(await host.sh(`systemctl is-enabled ${unit('web')}`), 'enabled');
});

promise('keeps the generation through a reboot', async () => {
  const { host } = await activated();
  assert.is(await host.reboot(), 'running');
  const units = services.map(service => unit(service));
  assert.is(await host.sh(`systemctl is-active ${units.join(' ')}`), units.map(() => 'active').join('\n'));
});

promise('loads one table that names the ports and who may reach them', async () => {
  const { host } = await activated();
  const table = await host.sh('nft -s list table inet tetra');
  assert.match(table, 'elements = { 3000, 5000-5099 }');
  assert.match(table, /@acme-staging-ports ip saddr 10\.0\.0\.0\/8 accept/);
  assert.match(table, 'jump acme-staging');
});

promise('points to the bundle in the host’s own store by a relative link', async () => {
  const { host } = await activated();
  const { bundle } = (await delivered) as Delivered;
  assert.is(await host.sh('readlink /var/lib/tsm/acme-staging/current'), `../store/${bundle}`);
});

promise(
  'is written down: on the host with the proof of a second connection, and in the operator’s history',
  async () => {
    const { host, sandbox } = await activated();
    const { bundle } = (await delivered) as Delivered;
    const line = await host.sh('cat /var/lib/tsm/acme-staging/history/00000001');
    const record = JSON.parse(line.slice(line.indexOf('{')));
    assert.equal(
      { outcome: record.outcome, active: record.active, before: record.before },
      { outcome: 'confirmed', active: { bundle, generation: 1, roles: [] }, before: null },
    );
    assert.match(record.proof, / 22$/);
    assert.is.not(record.proof, record.connection);
    assert.equal(sandbox.json('org', 'history', 'staging').generations[0].confirmed, ['web1']);
  },
);

promise('does what status then says', async () => {
  const one = await activated();
  const { bundle } = (await delivered) as Delivered;
  const { code, hosts } = await one.tsm<{ hosts: Record<string, unknown>[] }>('org', 'status', 'staging');
  const [{ wanted, recorded, actual, health, underWay } = {}] = hosts;
  assert.equal(
    { code, wanted, recorded, actual, health, underWay },
    { code: 0, wanted: 1, recorded: 1, actual: bundle, health: 'well', underWay: null },
  );
});

promise('leaves nothing behind that it only needed on its way', async () => {
  const { host } = await activated();
  assert.is(await host.sh('ls /var/lib/tsm/acme-staging'), 'activations\nchain\ncurrent\nhistory');
  assert.is(await host.sh('ls -A /etc/tetra'), 'firewall.nft');
  const units = 'tsm-activate-acme-staging tsm-revert-acme-staging';
  assert.is((await host.run(`systemctl is-active ${units}`)).stdout, 'inactive\ninactive\n');
});

promise('says unchanged the second time, exits 0 and touches nothing', async () => {
  const one = await activated();
  const before = await one.traces();
  const { code, generation, hosts } = await one.deploy('staging');
  assert.equal({ code, generation, outcome: hosts[0]?.outcome }, { code: 0, generation: 1, outcome: 'unchanged' });
  assert.equal(await one.traces(), before);
});

promise('touches nothing either where only a comment or the order of local.toml changed', async () => {
  const one = await activated();
  const before = await one.traces();
  one.change(text => `# A word to colleagues.\n${text.replace(/(\[queue\]\n.*\n\n)(\[memory\]\n.*\n\n)/, '$2$1')}`);
  const { code, hosts } = await one.deploy('staging');
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 0, outcome: 'unchanged' });
  assert.equal(await one.traces(), before);
});

promise('starts what somebody stopped together with the whole environment', async () => {
  const one = await activated();
  await one.host.sh(`systemctl stop acme-staging.target ${services.map(service => unit(service)).join(' ')}`);
  await one.deployed('staging');
  assert.not.ok(Object.values(await one.pids(...services)).includes(0));
});

promise(
  'replaces a unit file of ours that was edited by hand, and makes a link again that was taken away',
  async () => {
    const one = await activated();
    const folder = '/etc/systemd/system';
    const before = await one.host.sh(`cat ${folder}/acme-*; find ${folder} -lname '*acme*' | sort`);
    await one.host.sh(`sed -i 's/^TasksMax=.*/TasksMax=7/' ${folder}/${unit('web')} && systemctl daemon-reload`);
    await one.host.sh(`rm ${folder}/acme-staging.target.wants/${unit('worker')}`);
    const { web, worker } = await one.pids('web', 'worker');
    await one.deployed('staging');
    assert.is(await one.host.sh(`cat ${folder}/acme-*; find ${folder} -lname '*acme*' | sort`), before);
    assert.is.not((await one.pids('web')).web, web, 'it ran with the edited definition');
    assert.is((await one.pids('worker')).worker, worker);
  },
);

test.run();
