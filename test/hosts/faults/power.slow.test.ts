/** The server restarts in the middle of an activation: it is back on one generation before anything of it starts. */

import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../../support/needs.js';
import { labOf } from '../support/lab.js';
import { environment, root, Site, siteOf } from './support.js';

const test = suite('a server that restarts');
const promise = testIfHosts(test, 'faults on booted servers');
const lab = labOf(test);
const opened = siteOf(lab, 'power');

promise('while it waits is back on the old generation before a service of it starts', async () => {
  const site = await opened();
  const [before, other] = [site.version, site.other];
  const client = site.deliver(['--confirm', 'manual']);
  await client.tells('confirm');
  await site.host.reboot();
  await expectBackFirst(site);
  const { code, stderr } = await client.result;
  assert.is(code, 3, stderr);
  assert.match(stderr, /restarted before anybody confirmed/);
  await site.expectWhole(before);
  // The journal of this boot knows nothing of what only the other version has.
  const own = `${environment}-${other === 'a' ? 'old' : 'new'}.service`;
  assert.is(
    await site.host.sh(`journalctl --no-pager --quiet --output=cat -b _PID=1 UNIT=${own} | grep -c Started || true`),
    '0',
  );
  await site.expectSound(before);
});

promise(
  'after it was confirmed, and before that was written down, stays confirmed and starts without delay',
  async () => {
    const site = await opened();
    const wanted = site.other;
    // The very file, back in the place that it has between the decision and its last step.
    const kept = site.at('confirm', await site.newest(), `cp ${root}/pending /root/kept`);
    const client = site.deliver(['--soak', '0']);
    assert.is((await kept).code, 0);
    assert.is((await client.result).code, 0);
    await site.host.sh(`cp /root/kept ${root}/pending.confirmed && sync`);
    const began = Date.now();
    await site.host.reboot();
    assert.ok(Date.now() - began < 15_000, `the boot took ${Date.now() - began} ms`);
    await site.expectSound(wanted);
  },
);

promise('with /var as a disk of its own is back on the old generation, too', async () => {
  const site = await Site.open(await lab(), 'var', { var: 64 });
  const before = site.version;
  const client = site.deliver(['--confirm', 'manual']);
  await client.tells('confirm');
  await site.host.powerCut();
  site.host.boot();
  await site.host.wait();
  await expectBackFirst(site);
  assert.is((await client.result).code, 3);
  await site.expectSound(before);
});

promise('at 50 random moments, without power from one to the next, is on one generation each time', async () => {
  const site = await opened();
  const seed = Number(process.env.TETRA_TEST_SEED ?? Date.now() % 1_000_000);
  console.log(`\n  TETRA_TEST_SEED=${seed}`);
  const random = randomOf(seed);
  const outcomes = { old: 0, new: 0 };
  const spans = [await spanOf(site, confirmed), await spanOf(site, reverted)];
  for (let i = 0; i < 50; i++) {
    const wanted = site.other;
    const last = await site.newest();
    // Half of them are confirmed, the other half are taken back because nobody confirms.
    const client = site.deliver(i % 2 === 0 ? confirmed : reverted);
    await site.newest(last);
    await sleep(random() * 1.1 * (spans[i % 2] as number));
    await site.host.powerCut();
    client.signal('SIGKILL');
    site.host.boot();
    await site.host.wait();
    // Without power before the boundary nobody is there to clear away what was prepared.
    await site.expectWhole(undefined, ['stage', `.stage-${environment}`]);
    outcomes[site.version === wanted ? 'new' : 'old']++;
    if (i % 10 === 9) await site.expectSound();
  }
  console.log(`  ${outcomes.old} times on the old generation, ${outcomes.new} times on the new one`);
  assert.ok(outcomes.old > 5 && outcomes.new > 5, 'do the moments still lie within the activation?');
  await site.expectSound();
});

/** As it is delivered where it shall be confirmed, and where nobody does. */
const confirmed: readonly string[] = [];
const reverted = ['--confirm', 'manual', '--confirm-timeout', '0'];

/** How long an activation takes on the host, in ms. */
async function spanOf(site: Site, options: readonly string[]): Promise<number> {
  const last = await site.newest();
  const client = site.deliver(options);
  await site.newest(last);
  const began = Date.now();
  await client.result;
  const span = Date.now() - began;
  await site.expectWhole();
  return span;
}

/** The unit that takes back had ended before the first service of the environment was started. */
async function expectBackFirst({ host }: Site) {
  const shown = await host.sh(
    `systemctl show --property=InactiveEnterTimestampMonotonic --value tsm-boot.service; systemctl show --property=ExecMainStartTimestampMonotonic --value '${environment}-*.service'`,
  );
  const [ended = 0, ...started] = shown.split('\n').filter(Boolean).map(Number);
  assert.ok(ended > 0 && started.length >= 4, shown);
  for (const at of started) assert.ok(at > ended, shown);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

test.run();
