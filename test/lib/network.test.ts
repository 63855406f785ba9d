import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  addressOf,
  baseOf,
  contains,
  isLoopback,
  isPrivate,
  type Network,
  parseAddress,
  parseNetwork,
  reduced,
} from '../../lib/network.js';
import './arbitraries.js';

const network = (text: string) => parseNetwork(text) as Network;

const parse = suite('parseNetwork');

for (const [text, expected] of [
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['10.1.2.3', '10.1.2.3/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['::/0', '::/0'],
  ['2001:DB8:0:0::1', '2001:db8::1/128'],
  ['2001:0db8::/32', '2001:db8::/32'],
  ['10.0.0.5/8', '10.0.0.5/8'],
] as const)
  parse(`reads ${text} as ${expected}`, () => {
    assert.is(parseNetwork(text)?.text, expected);
  });

for (const text of [
  '',
  '10',
  '10.1/16',
  '10.0.0/8',
  '0x0a.0.0.0/8',
  '010.0.0.0/8',
  '256.0.0.0/8',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/8 ',
  '10.0.0.0/8\n',
  '::/129',
  ':::/0',
  'fe80::1%eth0',
  '::10.0.0.1',
  '::10.0.0.0/104',
  'localhost',
  '10.0.0.0/8, 0.0.0.0/0',
])
  parse(`refuses ${JSON.stringify(text)}`, () => {
    assert.is(parseNetwork(text), null);
  });

parse.run();

const address = suite('parseAddress');

for (const [text, expected] of [
  ['10.1.2.3', '10.1.2.3/32'],
  ['2001:db8::1', '2001:db8::1/128'],
  ['fe80::1%eth0', 'fe80::1/128'],
  ['fe80::1%25', 'fe80::1/128'],
  ['::ffff:10.1.2.3', '10.1.2.3/32'],
  ['::FFFF:a01:203', '10.1.2.3/32'],
  ['::ffff:0:10.1.2.3', '::ffff:0:a01:203/128'],
  ['64:ff9b::10.1.2.3', '64:ff9b::a01:203/128'],
  ['0:0:0:0:0:0:10.1.2.3', '::a01:203/128'],
] as const)
  address(`reads ${text} as ${expected}`, () => {
    assert.is(parseAddress(text)?.text, expected);
  });

for (const text of [
  '',
  '10.1.2.3/32',
  '::1/128',
  '10.1.2.3%eth0',
  'fe80::1%',
  '%eth0',
  '::10.1.2.3',
  'UNKNOWN',
  ' ::1',
])
  address(`refuses ${JSON.stringify(text)}`, () => {
    assert.is(parseAddress(text), null);
  });

address.run();

const bytes = suite('addressOf');

bytes('spells what parseAddress reads', () => {
  fc.assert(
    fc.property(fc.constantFrom(4, 16), fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }), (length, all) => {
      const some = all.slice(0, length);
      assert.equal(parseAddress(addressOf(some))?.address.toByteArray(), some);
    }),
  );
});

bytes.run();

const loopback = suite('isLoopback');

for (const [text, expected] of [
  ['127.0.0.1', true],
  ['127.255.255.255', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['128.0.0.0', false],
  ['::', false],
  ['::2', false],
  ['10.0.0.1', false],
] as const)
  loopback(`${text}: ${expected}`, () => {
    assert.is(isLoopback(parseAddress(text) as Network), expected);
  });

loopback.run();

const base = suite('baseOf');

for (const [text, expected] of [
  ['10.0.0.5/8', '10.0.0.0/8'],
  ['10.129.0.0/9', '10.128.0.0/9'],
  ['1.2.3.4/0', '0.0.0.0/0'],
  ['1.2.3.4/32', '1.2.3.4/32'],
  ['2001:db8::1/32', '2001:db8::/32'],
  ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
  ['::1/0', '::/0'],
] as const)
  base(`of ${text} is ${expected}`, () => {
    assert.is(baseOf(network(text)), expected);
  });

base.run();

/** Random IPv4 networks, from few enough addresses that they often overlap. */
const few = fc
  .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 26, max: 32 }))
  .map(([last, prefix]) => network(baseOf(network(`10.0.0.${last}/${prefix}`))));

const addresses = Array.from({ length: 64 }, (_, i) => network(`10.0.0.${i}`));
const covered = (networks: readonly Network[]) => addresses.map(one => networks.some(outer => contains(outer, one)));

const reduce = suite('reduced');

reduce('covers the same addresses without an overlap', () => {
  fc.assert(
    fc.property(fc.array(few, { maxLength: 8 }), networks => {
      const made = reduced(networks);
      assert.equal(covered(made), covered(networks));
      for (const one of made) assert.not.ok(made.some(other => other !== one && contains(other, one)));
    }),
  );
});

reduce('does not depend on the order', () => {
  fc.assert(
    fc.property(fc.array(few, { maxLength: 8 }), networks => {
      const texts = (list: readonly Network[]) => reduced(list).map(one => one.text);
      assert.equal(texts([...networks].reverse()), texts(networks));
    }),
  );
});

reduce('keeps the families apart', () => {
  const made = reduced(['::/0', '0.0.0.0/0', '10.0.0.0/8', 'fd00::/16'].map(network));
  assert.equal(
    made.map(one => one.text),
    ['0.0.0.0/0', '::/0'],
  );
});

reduce.run();

const internal = suite('isPrivate');

for (const [text, expected] of [
  ['10.0.0.0/8', true],
  ['10.1.2.3', true],
  ['172.16.0.0/12', true],
  ['192.168.7.0/24', true],
  ['100.64.0.0/10', true],
  ['fd00::/16', true],
  ['::1', true],
  ['0.0.0.0/0', false],
  ['128.0.0.0/1', false],
  ['8.0.0.0/8', false],
  ['8.0.0.0/7', false],
  ['172.0.0.0/8', false],
  ['203.0.113.7', false],
  ['::/0', false],
  ['::ffff:0:0/96', false],
  ['2000::/3', false],
  ['no network', false],
] as const)
  internal(`${text}: ${expected}`, () => {
    assert.is(isPrivate(text), expected);
  });

internal.run();
