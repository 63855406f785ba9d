/** Back to what worked, on the servers as well. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import { until } from './support/commands.js';
import { answers } from './support/programs.js';
import { type Delivered, type Site, siteOf } from './support/site.js';

const test = suite('rollback --activate');
const promise = testIfHosts(test, 'rollbacks on servers');
const site = siteOf(test, 'web1');

promise('goes to the newest generation that a server confirmed, not to one that was taken back', async () => {
  const one = await site();
  await one.deployed('staging');
  assert.is((await one.attempt(text => text.replace('/opt/tetra/cache', '/opt/tetra/broken'))).code, 3);
  const greeting = one.renew('greeting');
  await one.deployed('staging');
  await greets(one, greeting);
  expectConfirmed(await rollback(one), { generation: 4, of: 1 });
  await greets(one, 1);
});

promise('goes to the generation that is asked for', async () => {
  const one = await site();
  expectConfirmed(await rollback(one, '3'), { generation: 5, of: 3 });
  await greets(one, 2);
});

promise('goes further back when it is repeated, and never to and fro', async () => {
  const one = await site();
  const greeting = one.renew('greeting');
  await one.deployed('staging');
  await greets(one, greeting);
  expectConfirmed(await rollback(one), { generation: 7, of: 5 });
  await greets(one, 2);
  expectConfirmed(await rollback(one), { generation: 8, of: 1 });
  await greets(one, 1);
});

promise('needs no local.toml', async () => {
  const one = await site();
  one.change(() => 'this is [ no TOML');
  expectConfirmed(await rollback(one, '6'), { generation: 9, of: 6 });
});

test.run();

function rollback(one: Site, ...generation: string[]): Promise<Delivered> {
  return one.tsm('org', 'rollback', 'staging', ...generation, '--activate', '--soak', '0');
}

function expectConfirmed({ code, generation, of, hosts }: Delivered, expected: { generation: number; of: number }) {
  assert.equal({ code, generation, of }, { code: 0, ...expected });
  assert.equal([hosts[0]?.outcome, hosts[0]?.generation], ['confirmed', expected.generation]);
}

async function greets(one: Site, greeting: number) {
  await until(async () => (await answers(one.host))?.greeting === greeting, `greeting ${greeting}`, 5);
}
