/** Changes that lock the operator out: they are gone again by their time, whatever else goes on. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../../support/needs.js';
import { labOf } from '../support/lab.js';
import { siteOf } from './support.js';

const test = suite('a change');
const promise = testIfHosts(test, 'faults on booted servers');
const opened = siteOf(labOf(test), 'locked');

/** Nobody of this network gets in, and what is established is not let go on either. */
const locked = '[env.dev.security]\nallowed_ssh = ["192.0.2.1/32"]\ndefault_input = "drop"\n';

promise('that lets nobody in is refused by the guard', async () => {
  const site = await opened();
  const before = site.version;
  const { code, stderr } = await site.deliver([], locked).result;
  assert.is(code, 4, stderr);
  await site.expectSound(before);
});

for (const busy of [false, true])
  promise(
    `that lets nobody in is gone by its time${busy ? ', while systemd reads its units every second' : ''}`,
    async () => {
      const site = await opened();
      const before = site.version;
      if (busy)
        await site.host.sh(
          'systemd-run --quiet --unit=busy sh -c "while sleep 1; do systemctl daemon-reload || exit; done"',
        );
      const client = site.deliver(['--no-guard', 'test', '--confirm-timeout', '4'], locked);
      await client.tells('confirm');
      assert.is.not((await site.host.ssh('true', { timeout: 3 })).code, 0, 'the rules lock nobody out');
      const { code, stderr } = await client.result;
      assert.is(code, 3, stderr);
      assert.is((await site.host.ssh('true')).code, 0);
      if (busy) await site.host.sh('systemctl stop busy');
      await site.expectSound(before);
    },
  );

for (const { what, command } of [
  { what: 'stops sshd', command: 'systemctl stop ssh.service ssh.socket' },
  { what: 'kills sshd again and again', command: `sh -c 'while :; do pkill -x sshd; sleep 0.2; done'` },
  { what: 'shuts the network down', command: `sh -c 'ip link set eth0 down; sleep infinity'` },
])
  promise(`with a service that ${what} is taken back`, async () => {
    const site = await opened();
    const before = site.version;
    const service = `[services.harm]\ncommand = ${JSON.stringify(command)}\nworking_dir = "/"\n`;
    // The watch gives it the time to do harm before anybody asks to get in.
    const client = site.deliver(['--confirm-timeout', '3', '--soak', '1'], service);
    await client.tells('start');
    await site.expectWhole(before);
    // What a service did to others is not undone by taking its unit away: that is the operator's to mend.
    await site.host.sh(
      'ip link set eth0 up; ip route replace default dev eth0; systemctl reset-failed ssh; systemctl start ssh',
    );
    const { code, stderr } = await client.result;
    assert.is(code, 3, stderr);
    await site.expectSound(before);
  });

test.run();
