/** A generation that makes a service sick takes itself back. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import { type Site, siteOf, unit } from './support/site.js';

const test = suite('reverted');
const promise = testIfHosts(test, 'activations that servers take back');
const site = siteOf(test, 'web1');

promise('is a generation whose service does not stay up, with exit code 3 and its last words', async () => {
  const one = await site();
  await one.deployed('staging');
  const before = await lasting(one, 'cache', 'ledger', 'web');
  const { code, hosts } = await one.attempt(text =>
    text.replace('command = "/opt/tetra/worker"', 'command = "/opt/tetra/broken"'),
  );
  const [{ outcome, generation, reason = '', details = [] } = {}] = hosts;
  assert.equal({ code, outcome, generation }, { code: 3, outcome: 'reverted', generation: 1 });
  assert.match(reason, /acme-staging-worker\.service/);
  assert.match(details.join('\n'), /no database/);
  assert.equal(await lasting(one, 'cache', 'ledger', 'web'), before);
});

promise('brings back the old definition of what it touched, and takes away what it brought', async () => {
  const one = await site();
  const edit = (text: string) =>
    `${text}\n[services.mailer]\ncommand = "/opt/tetra/broken"\n`
      .replace('[env.staging.security]', '$&\nallowed_ips = ["10.0.0.0/9"]')
      .replace('[services.worker]', '$&\nenvironment.COLOR = "red"')
      .replace(/\[services\.cache\]\n(.+\n)*/, '');
  const before = await lasting(one, 'ledger', 'web');
  assert.is((await one.attempt(edit)).code, 3);
  assert.equal(await lasting(one, 'ledger', 'web'), before);
  const { cache, worker, mailer } = await one.pids('cache', 'worker', 'mailer');
  assert.ok(cache && worker);
  assert.is(mailer, 0);
  const variables = (await one.host.sh(`tr '\\0' '\\n' </proc/${worker}/environ`)).split('\n');
  assert.not.ok(variables.includes('COLOR=red'));
});

promise('is written down: status tells it, and the history has no confirmation', async () => {
  const one = await site();
  const { code, hosts } = await one.tsm<{ hosts: Record<string, unknown>[] }>('org', 'status', 'staging');
  const { recorded, outcome, health } = hosts[0] ?? {};
  assert.equal({ code, recorded, outcome, health }, { code: 4, recorded: 1, outcome: 'reverted', health: 'well' });
  const [newest] = one.sandbox.json('org', 'history', 'staging').generations;
  assert.equal(newest.confirmed, []);
});

promise('is a generation whose services run but fail their checks, by http, tcp or command', async () => {
  const one = await site();
  const before = await lasting(one, 'ledger');
  const { code, hosts } = await one.attempt(text =>
    text
      .replace('[services.web]', '$&\nenvironment.COLOR = "red"\nhealth.http = "http://127.0.0.1:80/absent"')
      .replace('[services.worker]', '$&\nenvironment.COLOR = "red"\nhealth.tcp = 4000')
      .replace('[services.cache]', '$&\nenvironment.COLOR = "red"\nhealth.command = "false"'),
  );
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 3, outcome: 'reverted' });
  for (const [service, said] of [
    ['web', 'http://127.0.0.1:80/absent answers 404'],
    ['worker', 'port 4000: '],
    ['cache', 'false: exit 1'],
  ])
    assert.match(hosts[0]?.reason ?? '', `acme-staging-${service}.service is sick: its check never passed: ${said}`);
  assert.equal(await lasting(one, 'ledger'), before);
});

promise('is not one whose services pass their checks, though they need a moment', async () => {
  const one = await site();
  one.change(text =>
    text
      .replace('[services.web]', '$&\nenvironment.COLOR = "red"\nhealth.http = "/"')
      .replace('[services.worker]', '$&\nenvironment.COLOR = "red"\nhealth.tcp = "web"')
      .replace('[services.cache]', '$&\nenvironment.COLOR = "red"\nhealth.command = "test -r ${TETRA_ENV_FILE}"'),
  );
  await one.deployed('staging', '--soak', '1');
});

promise('is not a sick generation that is wanted all the same; exit code 1 tells that it is sick', async () => {
  const one = await site();
  one.change(text => `${text}\n[services.mailer]\ncommand = "/opt/tetra/broken"\nreads = []\n`);
  const { code, hosts } = await one.deploy('staging', '--soak', '1', '--no-revert', 'the database comes tomorrow');
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 1, outcome: 'confirmed' });
  assert.match(hosts[0]?.reason ?? '', /acme-staging-mailer\.service/);
  assert.match(await one.host.sh('cat /var/lib/tsm/acme-staging/history/*'), /the database comes tomorrow/);
});

promise('is not a generation that changes something else than what was sick before', async () => {
  const one = await site();
  one.renew('batch');
  const { code, hosts } = await one.deploy('staging', '--soak', '1');
  assert.equal({ code, outcome: hosts[0]?.outcome }, { code: 0, outcome: 'confirmed' });
});

promise('is not a generation that heals what was sick', async () => {
  const one = await site();
  one.change(text => text.replace('/opt/tetra/broken', '/opt/tetra/worker'));
  await one.deployed('staging', '--soak', '1');
  assert.is(await one.host.sh(`systemctl is-active ${unit('mailer')}`), 'active');
});

test.run();

/** What has to stand through a failed activation: these processes, the files, the rules. */
async function lasting(one: Site, ...names: string[]) {
  const files = await one.host.sh('cat /etc/systemd/system/acme-* /etc/tetra/firewall.nft | sha256sum');
  const links = await one.host.sh('find /etc/systemd/system -name "acme*" | sort; readlink /var/lib/tsm/*/current');
  return { files, links, rules: await one.host.rules(), pids: await one.pids(...names) };
}
