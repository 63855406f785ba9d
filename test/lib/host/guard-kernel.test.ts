/** The guard against the kernel itself: what was meant, what the guard says and what a real packet meets are the same. */

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decide, guardProblem } from '../../../lib/host/guard.js';
import { type Asked, disagreements, hosts, packetsFor, rulesOf } from '../../support/firewall.js';
import { testIfNft } from '../../support/needs.js';
import { hostAddresses, wireFor } from '../../support/wire.js';
import '../arbitraries.js';

const agree = suite('guard and kernel');
const wire = wireFor(agree);
const test = testIfNft(agree, 'the guard against the kernel', 'ip');

const everybody = ['0.0.0.0/0', '::/0'];

/** Who gets in at which port, as `source port`. */
interface Case {
  readonly host: string;
  readonly asked: readonly Asked[];
  readonly accept: readonly string[];
  readonly drop: readonly string[];
}

const cases: readonly Case[] = [
  { host: 'a host without environments', asked: [], accept: ['203.0.113.9 22', '2001:db8::1 80'], drop: [] },
  {
    host: 'a firewall that is off',
    asked: [{ firewall: false }],
    accept: ['203.0.113.9 22', '10.1.2.3 5000'],
    drop: [],
  },
  {
    host: 'ssh from one network',
    asked: [{ allowedSsh: ['10.0.0.0/8'] }],
    accept: ['10.0.0.0 22', '10.255.255.255 22', '::ffff:10.1.2.3 22'],
    drop: ['9.255.255.255 22', '11.0.0.0 22', '::ffff:11.0.0.0 22', '2001:db8::1 22', '10.1.2.3 23', '10.1.2.3 5000'],
  },
  {
    host: 'ssh from one address of each family, on two ports',
    asked: [{ ssh: [2222, 22], allowedSsh: ['203.0.113.9', '2001:db8::1'] }],
    accept: ['203.0.113.9 22', '203.0.113.9 2222', '2001:db8::1 22', '2001:db8::1 2222'],
    drop: ['203.0.113.8 22', '203.0.113.10 2222', '2001:db8:: 22', '2001:db8::2 2222'],
  },
  {
    host: 'ssh from the neighbours on the wire only',
    asked: [{ allowedSsh: ['fe80::/10'] }],
    accept: ['fe80::7%wire 22', 'febf::7%wire 22'],
    drop: ['2001:db8::1 22', 'fec0::7 22', '10.1.2.3 22'],
  },
  {
    host: 'ssh from mapped addresses, which no wire carries',
    asked: [{ allowedSsh: ['::ffff:0:0/96'] }],
    accept: [],
    drop: ['10.1.2.3 22', '::ffff:10.1.2.3 22', '2001:db8::1 22'],
  },
  {
    host: 'ssh from both halves of the address space',
    asked: [{ allowedSsh: ['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1'] }],
    accept: ['1.0.0.1 22', '126.255.255.255 22', '128.0.0.0 22', '255.255.255.254 22', '2001:db8::1 22', 'fd00::1 22'],
    drop: ['10.1.2.3 23'],
  },
  {
    host: 'ssh from nobody, and on no port',
    asked: [{ env: 'dev' }, { ssh: [], allowedSsh: everybody }],
    accept: [],
    drop: ['10.1.2.3 22', '2001:db8::1 22'],
  },
  {
    host: 'own ports in an open host',
    asked: [{ policy: 'accept', ports: { web: 80, last: 65535 }, dynamic: [7000, 7009], allowed: ['10.0.0.0/8'] }],
    accept: [
      '203.0.113.9 22',
      '203.0.113.9 6999',
      '203.0.113.9 7010',
      '10.1.2.3 80',
      '10.1.2.3 7009',
      '10.1.2.3 65535',
    ],
    drop: ['203.0.113.9 80', '203.0.113.9 7000', '203.0.113.9 7009', '2001:db8::1 7000', '203.0.113.9 65535'],
  },
  {
    host: 'an open host that names who may reach sshd',
    asked: [{ policy: 'accept', allowedSsh: ['10.0.0.0/8'] }],
    accept: ['203.0.113.9 22', '2001:db8::1 22'],
    drop: ['203.0.113.9 5000'],
  },
  {
    host: 'own ports in a closed host',
    asked: [{ ports: { web: 80 }, allowed: ['10.0.0.0/8', 'fd00::/8'], allowedSsh: ['192.168.0.0/16'] }],
    accept: ['10.1.2.3 80', 'fd00::1 80', '10.1.2.3 5099', '192.168.1.1 22'],
    drop: ['192.168.1.1 80', '10.1.2.3 22', '10.1.2.3 81', 'fe00::1 80', '10.1.2.3 5100'],
  },
  {
    host: 'one environment that drops the rest and one that does not',
    asked: [
      { env: 'prod', allowedSsh: ['10.0.0.0/8'], dynamic: [5000, 5099], allowed: ['10.0.0.0/8'] },
      { env: 'dev', policy: 'accept', allowedSsh: everybody, dynamic: [6000, 6099], allowed: everybody },
    ],
    accept: ['10.1.2.3 22', '203.0.113.9 6000', '2001:db8::1 6099', '10.1.2.3 5000'],
    drop: ['203.0.113.9 22', '2001:db8::1 22', '203.0.113.9 5000', '203.0.113.9 80'],
  },
  {
    host: 'two environments that drop the rest',
    asked: [
      { org: 'acme', allowedSsh: ['10.0.0.0/8'], dynamic: [5000, 5099], allowed: ['10.0.0.0/8'] },
      {
        org: 'shop',
        allowedSsh: ['192.168.0.0/16'],
        ssh: [22, 2222],
        dynamic: [6000, 6099],
        allowed: ['192.168.0.0/16'],
      },
    ],
    accept: ['10.1.2.3 22', '192.168.1.1 22', '192.168.1.1 2222', '10.1.2.3 5000', '192.168.1.1 6000'],
    drop: ['10.1.2.3 2222', '10.1.2.3 6000', '192.168.1.1 5000', '203.0.113.9 22'],
  },
  {
    host: 'sshd on a port of another environment',
    asked: [
      { org: 'acme', policy: 'accept', dynamic: [2000, 2999], allowed: ['192.168.0.0/16'] },
      { org: 'shop', policy: 'accept', ssh: [2222], allowedSsh: ['10.0.0.0/8'], dynamic: [6000, 6099] },
    ],
    accept: ['10.1.2.3 2222', '192.168.1.1 2222', '203.0.113.9 22'],
    drop: ['203.0.113.9 2222', '10.1.2.3 2221', '2001:db8::1 2222'],
  },
  {
    host: 'two environments with the same ports, of which the first has the word',
    asked: [
      { org: 'acme', policy: 'accept', allowed: ['10.0.0.0/8'], dynamic: [5000, 5099] },
      { org: 'shop', policy: 'accept', allowed: ['192.168.0.0/16'], dynamic: [5050, 5199] },
    ],
    accept: ['10.1.2.3 5050', '192.168.1.1 5100'],
    drop: ['192.168.1.1 5050', '10.1.2.3 5100'],
  },
];

const packetOf = (text: string) => {
  const [source = '', port = ''] = text.split(' ');
  return { protocol: 'tcp' as const, source, port: Number(port) };
};

for (const { host, asked, accept, drop } of cases)
  test(`agree on ${host}`, async () => {
    const rules = rulesOf(...asked);
    for (const [verdict, texts] of [
      ['accept', accept],
      ['drop', drop],
    ] as const)
      for (const text of texts) assert.is(decide(rules, packetOf(text)), verdict, text);
    const packets = [...accept, ...drop].map(packetOf);
    assert.equal(await disagreements(await wire(), rules, packets), []);
    for (const { source, port } of packets) {
      const connection = `${source} 50000 ${hostAddresses[source.includes('.') ? 4 : 6]} ${port}`;
      const closed = drop.includes(`${source} ${port}`);
      assert.is(guardProblem(rules, connection) === null, !closed, connection);
    }
  });

test('agree on any packet to any host', async () => {
  const host = hosts.chain(rules => fc.tuple(fc.constant(rules), packetsFor(rules)));
  const both = fc.asyncProperty(host, async ([rules, packets]) => {
    assert.equal(await disagreements(await wire(), rules, packets), []);
  });
  await fc.assert(both, { numRuns: 20, endOnFailure: true, includeErrorInReport: true });
});

agree.run();
