/** What cannot work is refused before anything on the server is touched. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import { activateThere, putChanged } from './support/handmade.js';
import { type Delivered, type Site, siteOf, unit } from './support/site.js';

const test = suite('refused');
const promise = testIfHosts(test, 'activations that servers refuse');
const site = siteOf(test, 'web1');

for (const [what, edit, said] of [
  [
    'a program that is not there',
    (text: string) => text.replace('/opt/tetra/cache', '/opt/tetra/absent'),
    /cache: \/opt\/tetra\/absent is not there/,
  ],
  [
    'a program that cannot be executed',
    (text: string) => text.replace('/opt/tetra/cache', '/etc/hostname'),
    /cache: \/etc\/hostname is not there, or cannot be executed/,
  ],
  [
    'a folder that is not there',
    (text: string) => text.replace('[services.cache]', '$&\nworking_dir = "/opt/absent"'),
    /cache: its folder \/opt\/absent is not there/,
  ],
  [
    'a user that is not there',
    (text: string) => `${text}\n[env.staging.deployment]\nuser = "nobody2"\n`,
    /there is no user nobody2/,
  ],
  [
    'a secret that is not there',
    (text: string) => `${text}\n[secrets]\nrequired = ["TOKEN"]\n[env.staging.services.web]\nenv_file = "web.env"\n`,
    /the secrets file \/etc\/tetra\/acme-staging\/web\.env is not there/,
  ],
  [
    'a port that something else listens on',
    (text: string) => text.replace('[ports]', '[ports]\nworker = 80'),
    /port 80 of worker is taken: nginx/,
  ],
] as const)
  promise(`for ${what}, with exit code 4, and nothing is touched`, async () => {
    const one = await activated();
    const before = await one.traces();
    expectRefused(await one.attempt(edit), said);
    assert.equal(await one.traces(), before);
  });

promise('for every reason at once', async () => {
  const one = await activated();
  const refused = await one.attempt(text =>
    text.replace('/opt/tetra/cache', '/opt/tetra/absent').replace('[ports]', '[ports]\nworker = 80'),
  );
  expectRefused(refused, /^\d checks failed\n[\s\S]*absent is not there[\s\S]*port 80 of worker is taken/);
});

promise('for a unit that systemd would misread, though systemd itself only warns', async () => {
  const one = await activated();
  const { bundle } = await one.deployed('staging');
  const path = `systemd/${unit('worker')}`;
  const sloppy = await putChanged(one, bundle, path, text => text.replace('Restart=always', 'Restart=sometimes'));
  const before = await one.traces();
  const { verdict } = await activateThere(one, sloppy);
  assert.is(verdict.outcome, 'refused');
  assert.match(verdict.reason ?? '', /acme-staging-worker\.service.*Failed to parse service restart specifier/);
  assert.equal(await one.traces(), before);
});

promise('for a bundle that is damaged on the server', async () => {
  const one = await activated();
  one.renew('batch');
  await one.tsm('org', 'promote', 'staging');
  const { bundle } = await one.tsm('org', 'promote', 'staging');
  await one.tsm('org', 'ship', 'staging');
  await one.host.sh(`cd /var/lib/tsm/store/${bundle} && chmod 644 env.toml && sed -i s/batch/botch/ env.toml`);
  expectRefused(await one.tsm('org', 'activate', 'staging'), /the bundle on the host is not what its name says/);
});

promise('where a file that is not ours is in the way, which stays as it is', async () => {
  const one = await activated();
  const path = `/etc/systemd/system/${unit('mailer')}`;
  const text = '[Service]\nExecStart=/bin/sleep infinity\n';
  await one.host.put(path, text);
  const add = (source: string) => `${source}\n[services.mailer]\ncommand = "sleep infinity"\n`;
  expectRefused(await one.attempt(add), /acme-staging-mailer\.service was not made by tsm/);
  assert.is(await one.host.read(path), text);
  await one.host.sh(`rm ${path}`);
});

test.run();

const plan = suite('a reviewed plan');
const reviewed = testIfHosts(plan, 'plans of servers');
const planned = siteOf(plan, 'web1');

reviewed('touches nothing as long as it is only shown', async () => {
  const one = await planned();
  await one.deployed('staging');
  one.renew('batch');
  await one.tsm('org', 'promote', 'staging');
  await one.tsm('org', 'ship', 'staging');
  const before = await one.traces();
  const { code, hosts } = await one.tsm('org', 'activate', 'staging', '--dry-run');
  const [{ outcome, generation, plan: digest } = {}] = hosts;
  assert.equal({ code, outcome, generation }, { code: 0, outcome: 'planned', generation: 1 });
  assert.match(digest ?? '', /^sha256:[0-9a-f]{64}$/);
  assert.equal(await one.traces(), before);
});

reviewed('is refused with exit code 75 where the server has moved since', async () => {
  const one = await planned();
  const digest = await digestOf(one);
  await one.host.sh(`systemctl stop ${unit('worker')}`);
  const before = await one.traces();
  const { code, hosts } = await one.tsm('org', 'activate', 'staging', '--plan', digest);
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 75, outcome: 'refused' });
  assert.match(hosts[0]?.reason ?? '', /the host has moved since that plan was made/);
  assert.equal(await one.traces(), before);
});

reviewed('goes through where the server is what it was', async () => {
  const one = await planned();
  await one.host.sh(`systemctl start ${unit('worker')}`);
  const digest = await digestOf(one);
  const { code, hosts } = await one.tsm('org', 'activate', 'staging', '--soak', '0', '--plan', digest);
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 0, outcome: 'confirmed' });
});

plan.run();

async function activated(): Promise<Site> {
  const one = await site();
  if ((await one.host.run('test -e /var/lib/tsm/acme-staging/current')).code !== 0) await one.deployed('staging');
  return one;
}

function expectRefused({ code, hosts }: Delivered, reason: RegExp) {
  const [{ outcome, reason: said = '', details = [] } = {}] = hosts;
  assert.equal({ code, outcome }, { code: 4, outcome: 'refused' });
  assert.match([said, ...details].join('\n'), reason);
}

async function digestOf(one: Site): Promise<string> {
  const { hosts } = await one.tsm('org', 'activate', 'staging', '--dry-run');
  return hosts[0]?.plan ?? '';
}
