/** Several who decide on one activation, or want the same host: there is one winner, and everybody is told the same. */

import { cpSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseHostRecord } from '../../../lib/host/record.js';
import { testIfHosts } from '../../support/needs.js';
import { Sandbox } from '../../support/sandbox.js';
import { labOf } from '../support/lab.js';
import { look } from './invariants.js';
import { activateUnit, Client, environment, root, siteOf } from './support.js';

const test = suite('a decision');
const promise = testIfHosts(test, 'faults on booted servers');
const opened = siteOf(labOf(test), 'decision');

promise('that races with the end of the time has one winner, of whom everybody tells the same', async () => {
  const site = await opened();
  const outcomes = { confirmed: 0, reverted: 0 };
  // Each race starts where the last one ended: nearer to the end of the time after a win, further from it after a loss.
  let head = 0.9;
  for (let i = 0; i < 16; i++) {
    const [before, wanted] = [site.version, site.other];
    const client = site.deliver(['--confirm', 'manual', '--confirm-timeout', '2']);
    await client.tells('confirm');
    const id = await site.newest();
    await sleep(Math.max(0, 2000 - head * 1000));
    const confirm = await site.tsm('org', 'confirm', '@dev', id).result;
    const { code, stderr } = await client.result;
    const won = code === 0;
    outcomes[won ? 'confirmed' : 'reverted']++;
    head += won ? -0.1 : 0.1;
    assert.is(code, won ? 0 : 3, stderr);
    assert.match(confirm.stdout + confirm.stderr, won ? /confirmed, at generation/ : /reverted, at generation/);
    assert.is(confirm.code, won ? 0 : 3, confirm.stderr);
    await site.expectWhole(won ? wanted : before);
    const { records } = await look(site.host, environment);
    assert.is(parseHostRecord(records.at(-1) as string)?.record.outcome, won ? 'confirmed' : 'reverted');
  }
  console.log(`\n  ${outcomes.confirmed} times confirmed, ${outcomes.reverted} times too late`);
  assert.ok(outcomes.confirmed > 0 && outcomes.reverted > 0, 'do the confirmations still come at about the end?');
  await site.expectSound();
});

promise('that comes too late is refused, and told what came of it', async () => {
  const site = await opened();
  const client = site.deliver(['--confirm', 'manual', '--confirm-timeout', '1']);
  assert.is((await client.result).code, 3);
  const late = await site.tsm('org', 'confirm', '@dev', await site.newest()).result;
  assert.is(late.code, 3, late.stderr);
  assert.match(late.stdout, /reverted, at generation \d+: nobody confirmed within 1 s/);
  const nameless = await site.tsm('org', 'confirm', '@dev').result;
  assert.is(nameless.code, 64);
  assert.match(nameless.stderr, /nothing waits/);
  await site.expectSound();
});

promise('by the connection that the activation came by is refused, and nothing is decided by it', async () => {
  const site = await opened();
  const wanted = site.other;
  const client = site.deliver(['--confirm', 'manual']);
  await client.tells('confirm');
  const id = await site.newest();
  const { connection } = JSON.parse(await site.host.read(`${root}/pending`));
  const same = await site.host.run(`/usr/local/lib/tsm/host confirm acme dev ${id} '${connection}'`);
  assert.is(same.code, 1);
  assert.match(same.stdout, /proves nothing of a new one/);
  assert.is((await site.tsm('org', 'confirm', '@dev').result).code, 0);
  assert.is((await client.result).code, 0);
  await site.expectSound(wanted);
});

promise('of an operator to revert ends the wait at once, and names who asked', async () => {
  const site = await opened();
  const before = site.version;
  const client = site.deliver(['--confirm', 'manual']);
  await client.tells('confirm');
  const { code, stdout, stderr } = await site.tsm('org', 'revert', '@dev').result;
  assert.is(code, 0, stderr);
  assert.match(stdout, /reverted, at generation \d+: ana@\S+ asked for it/);
  assert.is((await client.result).code, 3);
  await site.expectSound(before);
});

promise('between two who deploy at once falls for one, and the other is told who is at work', async () => {
  const site = await opened();
  const wanted = site.other;
  const client = site.deliver(['--confirm', 'manual']);
  await client.tells('confirm');
  const second = await site.tsm('org', 'deploy', '@dev').result;
  assert.is(second.code, 75, second.stderr);
  assert.match(second.stderr, /activation of acme-dev, generation \d+ by ana@\S+, since/);
  assert.is((await site.tsm('org', 'confirm', '@dev').result).code, 0);
  assert.is((await client.result).code, 0);
  await site.expectSound(wanted);
});

promise('is open to the next as soon as the one who was at work is gone', async () => {
  const site = await opened();
  const killed = site.at('check', await site.newest(), `systemctl kill --signal=KILL ${activateUnit}`);
  const client = site.deliver();
  assert.is((await killed).code, 0);
  assert.is((await client.result).code, 4);
  await site.expectSound();
});

promise('of an operator whose history is another one is refused', async () => {
  const site = await opened();
  const other = new Sandbox();
  cpSync(site.box.home, other.home, { recursive: true, verbatimSymlinks: true });
  Object.assign(other.env, site.box.env);
  await site.expectSound();
  const { code, stderr } = await new Client(other, ['org', 'deploy', '@dev', '--soak', '0']).result;
  assert.is(code, 75, stderr);
  assert.match(stderr, /which you don't have/);
  other.remove();
  await site.expectSound();
});

test.run();
