import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { closedListeners, type Listener, listeningSockets } from '../../../lib/host/sockets.js';
import { type Asked, rulesOf } from '../../support/firewall.js';
import { skipped } from '../../support/needs.js';

const sockets = suite('listeningSockets');

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const lineOf = (addresses: string, state: string, inode: number) =>
  `   0: ${addresses} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0\n`;
const nobody6 = '00000000000000000000000000000000:0000';

for (const [what, protocol, line, expected] of [
  ['all addresses', 'tcp', lineOf('00000000:0016 00000000:0000', '0A', 1472), ['0.0.0.0', 22, 1472]],
  ['one address', 'tcp', lineOf('0100007F:1F90 00000000:0000', '0A', 7), ['127.0.0.1', 8080, 7]],
  ['all addresses of IPv6', 'tcp', lineOf(`00000000000000000000000000000000:0050 ${nobody6}`, '0A', 8), ['::', 80, 8]],
  ['loopback of IPv6', 'tcp', lineOf(`00000000000000000000000001000000:FFFF ${nobody6}`, '0A', 9), ['::1', 65535, 9]],
  [
    'one address of IPv6',
    'tcp',
    lineOf(`B80D0120040302010807060504030201:0050 ${nobody6}`, '0A', 10),
    ['2001:db8:102:304:506:708:102:304', 80, 10],
  ],
  ['a datagram socket of nobody', 'udp', lineOf('00000000:CA6C 00000000:0000', '07', 0), ['0.0.0.0', 51820, 0]],
] as const)
  sockets(`reads ${what}`, () => {
    const [address, port, inode] = expected;
    assert.equal(listeningSockets(protocol, head + line), [{ protocol, address, port, inode }]);
  });

sockets('leaves out connections', () => {
  const established = lineOf('0100007F:1F90 0100007F:C350', '01', 7);
  assert.equal(listeningSockets('tcp', head + established + lineOf('0100007F:1F90 00000000:0000', '07', 0)), []);
  assert.equal(listeningSockets('udp', head + established), []);
});

sockets('reads nothing from an empty table', () => {
  assert.equal(listeningSockets('tcp', head), []);
  assert.equal(listeningSockets('tcp', ''), []);
});

/** The kernel's own word, where there is a /proc. */
async function listens(address: string, table: string) {
  const server = createServer();
  await new Promise<void>(done => server.listen(0, address, done));
  const { port } = server.address() as { port: number };
  const found = listeningSockets('tcp', readFileSync(table, 'utf8')).filter(socket => socket.port === port);
  server.close();
  assert.equal(
    found.map(socket => socket.address),
    [address],
  );
  assert.ok((found[0]?.inode ?? 0) > 0);
}

const linux = process.platform === 'linux';
if (!linux) skipped.push({ what: 'sockets of the kernel', reason: 'no /proc here' });
(linux ? sockets : sockets.skip)('finds the sockets of this very process', async () => {
  await listens('127.0.0.1', '/proc/net/tcp');
  await listens('0.0.0.0', '/proc/net/tcp');
});

sockets.run();

const closed = suite('closedListeners');

const listener = (port: number, process: string | null = 'python3', address = '0.0.0.0'): Listener => ({
  protocol: 'tcp',
  address,
  port,
  process,
});
const udp = (port: number): Listener => ({ ...listener(port, 'daemon'), protocol: 'udp' });
const strict: Asked = { allowedSsh: ['10.0.0.0/8'], ports: { web: 80 }, dynamic: [5000, 5099] };

for (const [what, asked, listeners, expected] of [
  ['nothing where the rest is accepted', [{ ...strict, policy: 'accept' }], [listener(8080)], []],
  ['nothing without rules', [], [listener(8080)], []],
  ['a listener on all addresses', [strict], [listener(8080)], ['tcp 8080 (python3)']],
  ['a listener on one address', [strict], [listener(8080, 'python3', '10.0.0.1')], ['tcp 8080 (python3)']],
  ['a listener of IPv6', [strict], [listener(8080, 'python3', '::')], ['tcp 8080 (python3)']],
  ['a listener without a process', [strict], [listener(2049, null)], ['tcp 2049']],
  [
    'no listener on loopback',
    [strict],
    ['127.0.0.1', '127.0.0.53', '::1', '::ffff:127.0.0.1'].map(address => listener(8080, 'python3', address)),
    [],
  ],
  ['no port of ours', [strict], [listener(80), listener(5000), listener(5099), udp(5000)], []],
  ['no sshd that somebody may reach', [strict], [listener(22, 'sshd')], []],
  ['sshd that nobody may reach', [{ ...strict, allowedSsh: [] }], [listener(22, 'sshd')], ['tcp 22 (sshd)']],
  ['sshd on another port', [strict], [listener(2222, 'sshd')], ['tcp 2222 (sshd)']],
  ['datagrams too', [strict], [udp(51820), udp(22)], ['udp 22 (daemon)', 'udp 51820 (daemon)']],
  ['no DHCP client, which gets answers only', [strict], [udp(68), udp(546)], []],
  [
    'each once, by protocol and port',
    [strict],
    [udp(53), listener(9000, 'b'), listener(9000, 'a'), listener(443, 'nginx'), listener(443, 'nginx', '::')],
    ['tcp 443 (nginx)', 'tcp 9000 (a)', 'tcp 9000 (b)', 'udp 53 (daemon)'],
  ],
  ['a name that could fool a terminal, escaped', [strict], [listener(1, '\u001b[2J')], ['tcp 1 (\\u{1b}[2J)']],
] as [string, Asked[], Listener[], string[]][])
  closed(`tells ${what}`, () => {
    assert.equal(closedListeners(rulesOf(...asked), listeners), expected);
  });

closed.run();
