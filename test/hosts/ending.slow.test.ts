/** A process that began under one definition ends under it, though another one takes its place. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import { activateThere, putChanged } from './support/handmade.js';
import { siteOf, unit } from './support/site.js';

const test = suite('ending');
const promise = testIfHosts(test, 'services that end, on servers');
const site = siteOf(test, 'web1');

promise('of a process happens as it was defined when the process began, before systemd reads the new way', async () => {
  const one = await site();
  const { bundle } = await one.deployed('staging');
  const ending = (word: string) =>
    putChanged(one, bundle, `systemd/${unit('worker')}`, text =>
      text.replace('[Service]\n', `[Service]\nExecStop=/opt/tetra/note ${word}\n`),
    );
  const [first, second] = [await ending('first'), await ending('second')];
  await activateThere(one, first);
  const { verdict, steps } = await activateThere(one, second);
  assert.is(verdict.outcome, 'confirmed', JSON.stringify(verdict));
  assert.is(await one.host.read('/var/lib/tetra/notes'), 'first\n');
  assert.ok(steps.indexOf('stop') < steps.indexOf('reload'), steps.join(' '));
  assert.match(await one.host.sh(`systemctl show --property=ExecStop ${unit('worker')}`), 'note second');
  assert.ok((await one.pids('worker')).worker);
  await one.host.sh('rm /var/lib/tetra/notes');
});

promise('of a service that goes away happens as it was defined', async () => {
  const one = await site();
  one.change(text => text.replace(/\[services\.worker\]\n(.+\n)*/, ''));
  await one.deployed('staging');
  assert.is(await one.host.read('/var/lib/tetra/notes'), 'second\n');
});

promise('of a program that is replaced may take as long as was said for that program', async () => {
  const one = await site();
  const stubborn = '[services.stubborn]\ncommand = "/opt/tetra/stubborn"\nstop_timeout = 1\n\n';
  one.change(text => `${stubborn}${text}`);
  await one.deployed('staging');
  one.change(text => text.replace('/stubborn"\nstop_timeout = 1', '/worker"\nstop_timeout = 60'));
  const began = Date.now();
  await one.deployed('staging');
  assert.ok(Date.now() - began < 20_000, 'the old program was given the time of the new one');
  assert.match(await one.host.journal(unit('stubborn')), /stop-sigterm' timed out/);
  assert.is(await one.host.sh(`systemctl show --property=TimeoutStopUSec ${unit('stubborn')}`), 'TimeoutStopUSec=1min');
});

test.run();
