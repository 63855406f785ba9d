/** The process of an activation is killed, or does not move any more: the host takes itself back without it. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../../support/needs.js';
import { labOf } from '../support/lab.js';
import { activateUnit, revertUnit, root, siteOf } from './support.js';

const test = suite('an activation whose process');
const promise = testIfHosts(test, 'faults on booted servers');
const opened = siteOf(labOf(test), 'activator');

const kill = `systemctl kill --signal=KILL ${activateUnit}`;

for (const step of ['lease', 'verify', 'plan', 'check'])
  promise(`is killed at the step ${step} is refused, and nothing was touched`, async () => {
    const site = await opened();
    const before = site.version;
    const files = `ls -l --time-style=full-iso /etc/systemd/system ${root}/current`;
    const there = await site.host.sh(files);
    const last = await site.newest();
    const killed = site.at(step, last, kill);
    const client = site.deliver();
    assert.is((await killed).code, 0);
    const { code, stderr } = await client.result;
    assert.is(code, 4, stderr);
    assert.match(stderr, /ended before it touched anything/);
    assert.is(await site.host.sh(files), there);
    await site.expectSound(before);
  });

for (const step of ['stop', 'switch', 'reload', 'firewall', 'start', 'watch', 'confirm'])
  promise(`is killed at the step ${step} is reverted`, async () => {
    const site = await opened();
    const before = site.version;
    const killed = site.at(step, await site.newest(), kill);
    const client = site.deliver(['--confirm', 'manual', '--soak', '1']);
    assert.is((await killed).code, 0);
    const { code, stderr } = await client.result;
    assert.is(code, 3, stderr);
    assert.match(stderr, /the activation was killed before it was confirmed/);
    await site.expectSound(before);
  });

promise('is killed while it goes back is taken back all the same', async () => {
  const site = await opened();
  const before = site.version;
  const killed = site.at('revert', await site.newest(), kill);
  const client = site.deliver(['--confirm', 'manual', '--confirm-timeout', '1']);
  assert.is((await killed).code, 0);
  const { code, stderr } = await client.result;
  assert.is(code, 3, stderr);
  await site.expectSound(before);
});

for (const step of ['stop', 'start', 'confirm'])
  promise(`is frozen at the step ${step} is taken back by the deadline`, async () => {
    const site = await opened();
    const before = site.version;
    // The real window has minutes for slow services in it; systemd takes another one from a drop-in.
    await site.host.put(`/run/systemd/system/${revertUnit}.d/short.conf`, '[Service]\nRuntimeMaxSec=3\n');
    const freeze = `systemctl kill --kill-whom=main --signal=STOP ${activateUnit}`;
    const frozen = site.at(step, await site.newest(), freeze);
    const client = site.deliver();
    assert.is((await frozen).code, 0);
    const { code, stderr } = await client.result;
    assert.is(code, 3, stderr);
    assert.match(stderr, /nobody confirmed before the deadline/);
    await site.host.sh(`rm -r /run/systemd/system/${revertUnit}.d && systemctl daemon-reload`);
    await site.expectSound(before);
  });

promise('is frozen is taken back at once where somebody stops its guard', async () => {
  const site = await opened();
  const before = site.version;
  const stop = `systemctl kill --kill-whom=main --signal=STOP ${activateUnit}; systemctl stop ${revertUnit}`;
  const stopped = site.at('confirm', await site.newest(), stop);
  const client = site.deliver(['--confirm', 'manual']);
  assert.is((await stopped).code, 0);
  assert.is((await client.result).code, 3);
  await site.expectSound(before);
});

promise('leaves commands to systemd that it still understands when it has read its units again', async () => {
  const { host } = await opened();
  const lines = await host.sh('journalctl --no-pager --output=cat _PID=1');
  assert.match(lines, /tsm-revert/);
  assert.not.match(lines, /unknown escape/);
});

test.run();
