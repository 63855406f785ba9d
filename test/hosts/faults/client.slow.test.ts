/** The operator's side goes away, in the ways in which it can: the host decides without it, and tells who asks again. */

import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../../support/needs.js';
import { labOf } from '../support/lab.js';
import { siteOf } from './support.js';

const test = suite('a client');
const promise = testIfHosts(test, 'faults on booted servers');
const opened = siteOf(labOf(test), 'client');

for (const step of ['connect', 'ship', 'lease', 'check'])
  promise(`that is killed at the step ${step} leaves the host as it was, or the host takes itself back`, async () => {
    const site = await opened();
    const before = site.version;
    const client = site.deliver(['--confirm-timeout', '2']);
    await client.tells(step);
    client.signal('SIGKILL');
    await sleep(1000);
    await site.expectSound(before);
  });

for (const step of ['boundary', 'switch', 'start', 'watch'])
  promise(`that is killed at the step ${step} is not needed: the host goes on, and takes itself back`, async () => {
    const site = await opened();
    const before = site.version;
    const client = site.deliver(['--confirm-timeout', '2', '--soak', '1']);
    await client.tells(step);
    client.signal('SIGKILL');
    await site.expectWhole(before);
    assert.match(site.box.run('org', 'status', '@dev', '--json').stdout, /nobody confirmed within 2 s/);
    await site.expectSound(before);
  });

for (const alone of [true, false])
  for (const step of ['connect', 'ship', 'lease', 'check'])
    promise(`that is interrupted at the step ${step} calls it off${alone ? '' : ', with all it started'}`, async () => {
      const site = await opened();
      const before = site.version;
      const client = site.deliver();
      await client.tells(step);
      client.signal('SIGINT', alone);
      const began = Date.now();
      const { code, stderr } = await client.result;
      assert.ok(Date.now() - began < 3000, `it took ${Date.now() - began} ms\n${stderr}`);
      assert.ok([3, 4].includes(Number(code)), `exit ${code}\n${stderr}`);
      await site.expectSound(before);
    });

for (const alone of [true, false])
  promise(
    `that is interrupted behind the boundary says how to look again${alone ? '' : ', with all it started'}`,
    async () => {
      const site = await opened();
      const client = site.deliver(['--confirm', 'manual']);
      await client.tells('confirm');
      client.signal('SIGINT', alone);
      const began = Date.now();
      const { code, stderr } = await client.result;
      assert.ok(Date.now() - began < 2000, `it took ${Date.now() - began} ms`);
      assert.is(code, 69, stderr);
      assert.match(stderr, /tsm org status @dev, tsm org confirm @dev or tsm org revert @dev/);
      const wanted = site.other;
      const confirmed = await site.tsm('org', 'confirm', '@dev').result;
      assert.is(confirmed.code, 0, confirmed.stderr);
      await site.expectSound(wanted);
    },
  );

promise('whose connection is cut and comes back tells the verdict', async () => {
  const site = await opened();
  const wanted = site.other;
  const client = site.deliver(['--soak', '3']);
  await client.tells('watch');
  await site.host.partition();
  await sleep(4000);
  await site.host.heal();
  const { code, stderr } = await client.result;
  assert.is(code, 0, stderr);
  await site.expectSound(wanted);
});

promise('whose connection is cut for good finds the host back at the end of its time', async () => {
  const site = await opened();
  const before = site.version;
  const client = site.deliver(['--confirm', 'manual', '--confirm-timeout', '5']);
  await client.tells('confirm');
  await site.host.partition();
  await site.expectWhole(before);
  await site.host.heal();
  const { code, stderr } = await client.result;
  assert.is(code, 3, stderr);
  assert.match(stderr, /nobody confirmed within 5 s/);
  await site.expectSound(before);
});

promise('that cannot prove to get in is told so, and the host takes itself back', async () => {
  const site = await opened();
  const before = site.version;
  const block = 'nft add table inet lock; nft add chain inet lock i "{ type filter hook input priority -5; }"';
  const cut = `${block}; nft add rule inet lock i tcp dport 22 ct state new drop`;
  const blocked = site.at('switch', await site.newest(), cut);
  const client = site.deliver(['--confirm-timeout', '5', '--soak', '1']);
  assert.is((await blocked).code, 0);
  const { code, stderr } = await client.result;
  assert.is(code, 3, stderr);
  await site.host.sh('nft delete table inet lock');
  await site.expectSound(before);
});

test.run();
