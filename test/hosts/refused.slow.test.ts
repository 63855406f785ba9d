/** What cannot work is refused before anything on the server is touched. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import { activateThere, putChanged } from './support/handmade.js';
import { type Delivered, type Site, siteOf, unit } from './support/site.js';

const test = suite('refused');
const promise = testIfHosts(test, 'activations that servers refuse');
const site = siteOf(test, 'web1');

/** Everything that is wrong at once: each test looks for its own reason. */
const mistakes = (text: string) =>
  `${text}\n[env.staging.deployment]\nuser = "nobody2"\n[secrets]\nrequired = ["TOKEN"]\n`
    .replace('/opt/tetra/cache"', '/opt/tetra/absent"\nworking_dir = "/opt/absent"')
    .replace('/opt/tetra/worker', '/etc/hostname')
    .replace('[env.staging.security]', '[env.staging.services.cache]\nenv_file = "cache.env"\n\n$&')
    .replace('[ports]', '[ports]\nworker = 80');

let refusal: Promise<Delivered> | null = null;

promise('for whatever is wrong, with exit code 4, and nothing is touched', async () => {
  const one = await site();
  await one.deployed('staging');
  const before = await one.traces();
  refusal = one.attempt(mistakes);
  expectRefused(await refusal, /^\d+ checks failed$/m);
  assert.equal(await one.traces(), before);
});

for (const [what, said] of [
  ['a program that is not there', /^cache: \/opt\/tetra\/absent is not there/m],
  ['a program that cannot be executed', /^worker: \/etc\/hostname is not there, or cannot be executed/m],
  ['a folder that is not there', /^cache: its folder \/opt\/absent is not there/m],
  ['a user that is not there', /^there is no user nobody2: useradd/m],
  ['a secrets file that is not there', /^the secrets file \/etc\/tetra\/acme-staging\/cache\.env is not there/m],
  ['a port that something else listens on', /^port 80 of worker is taken: nginx/m],
] as const)
  promise(`for ${what}`, async () => {
    expectRefused((await refusal) as Delivered, said);
  });

promise('for a unit that systemd would misread, though systemd itself only warns', async () => {
  const one = await site();
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
  const one = await site();
  one.renew('batch');
  const { bundle } = await one.tsm('org', 'promote', 'staging');
  await one.tsm('org', 'ship', 'staging');
  await one.host.sh(`cd /var/lib/tsm/store/${bundle} && chmod 644 env.toml && sed -i s/batch/botch/ env.toml`);
  expectRefused(await one.tsm('org', 'activate', 'staging'), /the bundle on the host is not what its name says/);
});

promise('where a file that is not ours is in the way, which stays as it is', async () => {
  const one = await site();
  const path = `/etc/systemd/system/${unit('mailer')}`;
  const text = '[Service]\nExecStart=/bin/sleep infinity\n';
  await one.host.put(path, text);
  const add = (source: string) => `${source}\n[services.mailer]\ncommand = "sleep infinity"\n`;
  expectRefused(await one.attempt(add), /acme-staging-mailer\.service was not made by tsm/);
  assert.is(await one.host.read(path), text);
  await one.host.sh(`rm ${path}`);
});

promise('nothing where the plan is only shown, which touches nothing', async () => {
  const one = await site();
  one.renew('batch');
  await one.tsm('org', 'promote', 'staging');
  await one.tsm('org', 'ship', 'staging');
  const before = await one.traces();
  const { code, hosts } = await one.tsm('org', 'activate', 'staging', '--dry-run');
  const [{ outcome, plan: digest } = {}] = hosts;
  assert.equal({ code, outcome }, { code: 0, outcome: 'planned' });
  assert.match(digest ?? '', /^sha256:[0-9a-f]{64}$/);
  assert.equal(await one.traces(), before);
});

promise('where the server has moved since the plan was reviewed, with exit code 75', async () => {
  const one = await site();
  const digest = await digestOf(one);
  await one.host.sh(`systemctl stop ${unit('worker')}`);
  const before = await one.traces();
  const { code, hosts } = await one.tsm('org', 'activate', 'staging', '--plan', digest);
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 75, outcome: 'refused' });
  assert.match(hosts[0]?.reason ?? '', /the host has moved since that plan was made/);
  assert.equal(await one.traces(), before);
});

promise('nothing where the server is what it was when the plan was reviewed', async () => {
  const one = await site();
  await one.host.sh(`systemctl start ${unit('worker')}`);
  const digest = await digestOf(one);
  const { code, hosts } = await one.tsm('org', 'activate', 'staging', '--soak', '0', '--plan', digest);
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 0, outcome: 'confirmed' });
});

test.run();

function expectRefused({ code, hosts }: Delivered, reason: RegExp) {
  const [{ outcome, reason: said = '', details = [] } = {}] = hosts;
  assert.equal({ code, outcome }, { code: 4, outcome: 'refused' });
  assert.match([said, ...details].join('\n'), reason);
}

async function digestOf(one: Site): Promise<string> {
  const { hosts } = await one.tsm('org', 'activate', 'staging', '--dry-run');
  return hosts[0]?.plan ?? '';
}
