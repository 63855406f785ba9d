import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decide, guardProblem } from '../../../lib/host/guard.js';
import { type Asked, rulesOf } from '../../support/firewall.js';

// That the kernel decides alike is shown in guard-kernel.test.ts.

const judge = suite('decide');

const strict = rulesOf({ allowedSsh: ['10.0.0.0/8', 'fe80::/10'], ports: { web: 80 }, allowed: ['192.168.0.0/16'] });

for (const [protocol, source, port, expected] of [
  ['tcp', '10.1.2.3', 22, 'accept'],
  ['tcp', '::ffff:10.1.2.3', 22, 'accept'],
  ['tcp', '::ffff:a01:203', 22, 'accept'],
  ['tcp', 'fe80::1%eth0', 22, 'accept'],
  ['tcp', 'fe80::1', 22, 'accept'],
  ['udp', '10.1.2.3', 22, 'drop'],
  ['tcp', '192.168.1.1', 22, 'drop'],
  ['tcp', '192.168.1.1', 80, 'accept'],
  ['udp', '192.168.1.1', 80, 'accept'],
  ['udp', '192.168.1.1', 5099, 'accept'],
  ['udp', '10.1.2.3', 80, 'drop'],
  ['tcp', '127.0.0.1', 9, 'accept'],
  ['tcp', '127.9.9.9', 9, 'accept'],
  ['tcp', '::1', 9, 'accept'],
  ['tcp', '::ffff:127.0.0.1', 9, 'accept'],
  ['tcp', '::10.1.2.3', 22, 'drop'],
  ['tcp', '10.1.2.3/8', 22, 'drop'],
  ['tcp', '10.1', 22, 'drop'],
  ['tcp', 'UNKNOWN', 22, 'drop'],
  ['tcp', '', 22, 'drop'],
] as const)
  judge(`${expected}s ${protocol} from ${source || 'nowhere'} to port ${port}`, () => {
    assert.is(decide(strict, { protocol, source, port }), expected);
  });

judge('accepts everybody where there are no rules', () => {
  assert.is(decide(rulesOf(), { protocol: 'tcp', source: '203.0.113.9', port: 22 }), 'accept');
});

judge.run();

const guard = suite('guardProblem');

const prod: Asked = { allowedSsh: ['10.0.0.0/8', '2001:db8::/32'] };
const open: Asked = { env: 'dev', policy: 'accept', ports: { web: 80 }, allowedSsh: ['0.0.0.0/0', '::/0'] };

for (const [connection, ...asked] of [
  ['10.1.2.3 50000 10.0.0.1 22', prod],
  ['::ffff:10.1.2.3 50000 ::ffff:10.0.0.1 22', prod],
  ['2001:db8::1 50000 2001:db8::2 22', prod],
  ['fe80::1%eth0 50000 fe80::2%eth0 22', { allowedSsh: ['fe80::/10'] }],
  ['127.0.0.1 50000 127.0.0.1 22', { allowedSsh: ['10.0.0.0/8'] }],
  ['203.0.113.9 50000 203.0.113.9 22', prod],
  ['203.0.113.9 50000 10.0.0.1 22', open],
  ['203.0.113.9 50000 10.0.0.1 2222', open],
  ['203.0.113.9 50000 10.0.0.1 22'],
  ['UNKNOWN 65535 UNKNOWN 65535'],
] as [string, ...Asked[]][])
  guard(`lets ${connection} in again${asked.length === 0 ? ' where there are no rules' : ''}`, () => {
    assert.is(guardProblem(rulesOf(...asked), connection), null);
  });

const again = (client: string, port: number) => `the new rules would not let ${client} connect to port ${port} again`;

for (const [what, asked, connection, expected] of [
  [
    'a client that nobody named',
    [prod],
    '203.0.113.9 50000 10.0.0.1 22',
    `${again('203.0.113.9', 22)}: security.default_input of acme-prod drops what no rule names; ` +
      'add 203.0.113.9 to security.allowed_ssh of acme-prod',
  ],
  [
    'a client of the other family',
    [{ allowedSsh: ['0.0.0.0/0'] }],
    '2001:db8::1%eth0 50000 2001:db8::2 22',
    `${again('2001:db8::1', 22)}: security.default_input of acme-prod drops what no rule names; ` +
      'add 2001:db8::1 to security.allowed_ssh of acme-prod',
  ],
  [
    'a mapped client, by the address that is on the wire',
    [{ allowedSsh: ['::/0'] }],
    '::ffff:10.1.2.3 50000 ::ffff:10.0.0.1 22',
    `${again('10.1.2.3', 22)}: security.default_input of acme-prod drops what no rule names; ` +
      'add 10.1.2.3 to security.allowed_ssh of acme-prod',
  ],
  [
    'a port that nobody named',
    [prod],
    '10.1.2.3 50000 10.0.0.1 2222',
    `${again('10.1.2.3', 2222)}: security.default_input of acme-prod drops what no rule names, and none names port 2222; ` +
      'add 2222 to security.ssh_ports of acme-prod',
  ],
  [
    'all who could let the client in, and only them',
    [prod, { ...prod, org: 'shop' }, open],
    '203.0.113.9 50000 10.0.0.1 22',
    `${again('203.0.113.9', 22)}: security.default_input of acme-prod and shop-prod drops what no rule names; ` +
      'add 203.0.113.9 to security.allowed_ssh of acme-prod or shop-prod',
  ],
  [
    'a port that an environment has for itself',
    [open],
    '203.0.113.9 50000 10.0.0.1 80',
    `${again('203.0.113.9', 80)}: ports.web of acme-dev is for its security.allowed_ips only; ` +
      'change ports.web of acme-dev, or add 203.0.113.9 to its security.allowed_ips',
  ],
  [
    'a dynamic range that holds the port',
    [open],
    '203.0.113.9 50000 10.0.0.1 5050',
    `${again('203.0.113.9', 5050)}: the dynamic range 5000-5099 of acme-dev is for its security.allowed_ips only; ` +
      'change ports.dynamic_start or ports.dynamic_end of acme-dev, or add 203.0.113.9 to its security.allowed_ips',
  ],
  [
    "another environment's word on the port",
    [open, { ...prod, ssh: [80] }],
    '203.0.113.9 50000 10.0.0.1 80',
    `${again('203.0.113.9', 80)}: ports.web of acme-dev is for its security.allowed_ips only; ` +
      'add 203.0.113.9 to security.allowed_ssh of acme-prod',
  ],
] as [string, Asked[], string, string][])
  guard(`names ${what}`, () => {
    assert.is(guardProblem(rulesOf(...asked), connection), expected);
  });

for (const connection of [
  '',
  'UNKNOWN 65535 UNKNOWN 65535',
  '10.1.2.3 50000 10.0.0.1',
  '10.1.2.3 50000 10.0.0.1 ssh',
  '10.1.2.3 50000 10.0.0.1 0',
  '10.1.2.3 50000 10.0.0.1 22 22',
  '10.1.2.3/8 50000 10.0.0.1 22',
  'host 50000 10.0.0.1 22',
  '\u001b[2J',
])
  guard(`lets nobody in on ${JSON.stringify(connection)}`, () => {
    const problem = guardProblem(rulesOf(prod), connection);
    assert.match(problem ?? '', /^SSH_CONNECTION is ".*", which does not tell whether/);
    assert.not.match(problem ?? '', '\u001b');
  });

guard.run();
