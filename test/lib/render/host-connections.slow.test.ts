/** Connections under way while a host's rules are loaded and replaced. */

import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderRules } from '../../../lib/render/nftables.js';
import { type Asked, rulesOf } from '../../support/firewall.js';
import { testIfNft } from '../../support/needs.js';
import { Wire } from '../../support/wire.js';

const load = suite('nft -f');
const test = testIfNft(load, 'connections while rules are loaded', 'ip');

const closed: Asked = { allowedSsh: ['192.168.0.0/16'] };
const rules = (asked = closed) => renderRules(rulesOf(asked));
const fromTen = { protocol: 'tcp' as const, source: '10.1.2.3', port: 8080 };

async function loads(lab: Wire, rules: string) {
  const { status, stderr } = await lab.load(rules);
  assert.is(status, 0, stderr);
}

/** A wire whose host has tracked no connection so far, and an open connection to a port that the rules close. */
async function connected(talks: boolean) {
  const lab = await Wire.lay();
  await lab.host.ask({ verb: 'listen', port: 8080, talks });
  assert.is(await lab.dial(fromTen, 2000), 'open');
  return lab;
}

/** True where the host hears what the peer says. */
async function hears(lab: Wire): Promise<boolean> {
  const before = await lab.host.ask<number>({ verb: 'heard' });
  await lab.peer.ask({ verb: 'say' });
  for (let tries = 0; tries < 10; tries++) {
    await pause(20);
    if ((await lab.host.ask<number>({ verb: 'heard' })) > before) return true;
  }
  return false;
}

test('keeps connections that were there before it tracked any, idle ones too', async () => {
  const lab = await connected(false);
  try {
    await loads(lab, rules());
    await pause(500);
    assert.ok(await hears(lab));
    assert.is(await lab.dial(fromTen, 200), 'silence');
    await loads(lab, rules({ ...closed, org: 'shop' }));
    assert.ok(await hears(lab));
    assert.is(await lab.dial(fromTen, 200), 'silence');
  } finally {
    lab.cut();
  }
});

test('keeps a connection on which the host talks', async () => {
  const lab = await connected(true);
  try {
    for (const next of [rules(), rules()]) {
      await loads(lab, next);
      const before = await lab.peer.ask<number>({ verb: 'heard' });
      await pause(300);
      assert.ok((await lab.peer.ask<number>({ verb: 'heard' })) > before + 10);
    }
  } finally {
    lab.cut();
  }
});

load.run();
