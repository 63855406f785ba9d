/** An operator who is not root. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../../support/needs.js';
import { labOf } from '../support/lab.js';
import { siteOf } from './support.js';

const test = suite('an operator without root');
const promise = testIfHosts(test, 'faults on booted servers');
const lab = labOf(test);
const opened = siteOf(lab, 'rights');

promise('and without sudo is told the line for sudoers, and nothing is touched', async () => {
  const site = await opened();
  const before = site.version;
  site.writeManifest('rights', 'deploy');
  const { code, stderr } = await site.deliver().result;
  assert.is(code, 77, stderr);
  assert.match(stderr, /deploy ALL=\(root\) NOPASSWD: /);
  site.writeManifest();
  await site.expectSound(before);
});

promise('who may run the host program by sudo, and nothing else, activates', async () => {
  const site = await opened();
  const wanted = site.other;
  site.writeManifest('rights', 'deploy');
  await site.host.allowSudo('/usr/local/lib/tsm/host');
  const { code, stderr } = await site.deliver().result;
  assert.is(code, 0, stderr);
  await site.expectSound(wanted);
  site.writeManifest();
});

promise('does not install tsm on a host by the way', async () => {
  const host = await (await lab()).booted('fresh');
  await host.allowSudo('ALL');
  const site = await opened();
  site.writeManifest('fresh', 'deploy');
  const { code, stderr } = await site.tsm('org', 'ship', '@dev').result;
  assert.is(code, 77, stderr);
  assert.match(stderr, /tsm host install/);
  assert.is((await host.run('ls -d /usr/local/lib/tsm /var/lib/tsm')).stdout, '');
  site.writeManifest();
});

test.run();
