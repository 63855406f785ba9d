/** Disks that are full or read-only: what is refused touches nothing, and the way back needs no room. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../../support/needs.js';
import { labOf } from '../support/lab.js';
import { Site } from './support.js';

const test = suite('a disk');
const promise = testIfHosts(test, 'faults on booted servers');
const lab = labOf(test);

/** To the last block, also for root. */
const fill = (folder: string) =>
  `head -c 100M /dev/zero >${folder}/fill; for i in $(seq 400); do echo x >${folder}/fill$i || break; done; sync; true`;
const empty = (folder: string) => `rm -f ${folder}/fill*`;

for (const { what, folder, options } of [
  { what: 'of 40 MB', folder: '', options: { disk: 40 } },
  { what: 'of its own for /var', folder: '/var', options: { var: 40 } },
]) {
  promise(`${what} that is full before the activation refuses it`, async () => {
    const site = await opened(what, options);
    const before = site.version;
    await site.host.sh(fill(folder));
    const { code, stderr } = await site.deliver().result;
    await site.host.sh(empty(folder));
    assert.ok(code === 1 || code === 4, `exit ${code}\n${stderr}`);
    assert.match(stderr, /free|ENOSPC|no space|full/i);
    await site.expectSound(before);
  });

  for (const step of ['stop', 'start', 'watch', 'confirm'])
    promise(`${what} that is full from the step ${step} on does not keep the host from going back`, async () => {
      const site = await opened(what, options);
      const before = site.version;
      const filled = site.at(step, await site.newest(), fill(folder));
      const client = site.deliver(['--soak', '1', '--confirm', 'manual', '--confirm-timeout', '3']);
      await filled;
      const { code, stderr } = await client.result;
      await site.expectWhole(before);
      await site.host.sh(empty(folder));
      assert.is(code, 3, stderr);
      assert.match(stderr, /reverted/);
      await site.expectSound(before);
    });

  promise(`${what} that is full does not keep an operator from reverting`, async () => {
    const site = await opened(what, options);
    const before = site.version;
    const client = site.deliver(['--confirm', 'manual']);
    await client.tells('confirm');
    await site.host.sh(fill(folder));
    const reverted = await site.tsm('org', 'revert', '@dev').result;
    assert.is(reverted.code, 0, reverted.stderr);
    assert.is((await client.result).code, 3);
    await site.expectWhole(before);
    await site.host.sh(empty(folder));
    await site.expectSound(before);
  });
}

promise('with a read-only /etc refuses the activation', async () => {
  const site = await opened('of 40 MB', { disk: 40 });
  const before = site.version;
  await site.host.remountEtc('ro');
  const { code, stderr } = await site.deliver().result;
  assert.is(code, 4, stderr);
  assert.match(stderr, /cannot be written \(EROFS\)/);
  await site.host.remountEtc('rw');
  await site.expectSound(before);
});

const sites = new Map<string, Promise<Site>>();

function opened(what: string, options: { disk?: number; var?: number }): Promise<Site> {
  const site = sites.get(what) ?? lab().then(there => Site.open(there, `disk${sites.size}`, options));
  sites.set(what, site);
  return site;
}

test.run();
