import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { baseOf, type Network, parseNetwork } from '../../../lib/network.js';
import { testIfNft } from '../../support/needs.js';
import { fileOf, minimal, promotion } from '../../support/sources.js';
import '../arbitraries.js';

const rulesOf = (text: string, env = 'dev') => fileOf(promotion(text, env), 'nftables/rules.nft');
const allowing = (...networks: string[]) =>
  rulesOf(`${minimal}[env.dev.security]\nallowed_ips = ${JSON.stringify(networks)}\n`);

/** The chain's rules without what they have in common. */
const chain = (rules: string) =>
  [...rules.matchAll(/^\t\tmeta l4proto \{ tcp, udp \} th dport @acme-dev-ports (.*)$/gm)].map(match => match[1]);

const render = suite('renderNftables');

for (const [networks, expected] of [
  [[], ['drop']],
  [['10.0.0.0/8'], ['ip saddr { 10.0.0.0/8 } accept', 'drop']],
  [['fd00::/16'], ['ip6 saddr { fd00::/16 } accept', 'drop']],
  [
    ['fd00::/16', '192.168.0.0/16', '10.0.0.0/8'],
    ['ip saddr { 10.0.0.0/8, 192.168.0.0/16 } accept', 'ip6 saddr { fd00::/16 } accept', 'drop'],
  ],
  [
    ['10.0.0.0/8', '10.1.0.0/16', '10.0.0.0/8'],
    ['ip saddr { 10.0.0.0/8 } accept', 'drop'],
  ],
  [['0.0.0.0/0'], ['meta nfproto ipv4 accept', 'drop']],
  [
    ['0.0.0.0/0', '10.0.0.0/8', '::/0'],
    ['meta nfproto ipv4 accept', 'meta nfproto ipv6 accept', 'drop'],
  ],
  [['127.0.0.1'], ['ip saddr { 127.0.0.1/32 } accept', 'drop']],
] as const)
  render(`lets in ${networks.join(', ') || 'nobody'}, and drops the rest`, () => {
    assert.equal(chain(allowing(...networks)), [...expected]);
  });

render('names every port of the environment, with the offset, in one set', () => {
  const rules = rulesOf('[ports]\nb = 90\na = 80\noffset = 5\n');
  assert.match(rules, '\t\t\t85, # a\n\t\t\t95, # b\n\t\t\t5005-5104, # dynamic\n');
});

render('writes a range of one port as that port', () => {
  assert.match(rulesOf('[ports]\ndynamic_start = 7000\ndynamic_end = 7000'), '\t\t\t7000, # dynamic\n');
});

render('makes a chain and a set of its own in the table that all share, and hooks into nothing', () => {
  const rules = allowing('10.0.0.0/8');
  assert.equal(rules.match(/^\t?\w.*\{$/gm), ['table inet tetra {', '\tset acme-dev-ports {', '\tchain acme-dev {']);
  assert.not.match(rules, /hook|policy|flush|delete/);
});

render.run();

const nft = suite('nft');

/** What nft has to say of the rules, without loading them. Only root may; elsewhere a user namespace of its own will do. */
function complaints(rules: string): string {
  const words = ['nft', '-c', '-f', '-'];
  const [command = '', ...args] = process.getuid?.() === 0 ? words : ['unshare', '-Urn', ...words];
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const { status, stdout, stderr } = spawnSync(command, args, { input: rules, encoding: 'utf8', env });
  return `${stdout}${stderr}${status === 0 ? '' : `exit ${status}`}`;
}

const check = (rules: string) => assert.is(complaints(rules), '', rules);

const accepted = testIfNft(nft, 'nft accepts the rules');

for (const env of ['dev', 'staging', 'prod'])
  accepted(`accepts the rules of ${env}`, () => check(rulesOf(minimal, env)));

for (const networks of [
  [],
  ['10.0.0.0/8', '192.168.0.0/16'],
  ['2001:db8::/32', 'fd00::/16'],
  ['10.0.0.0/8', 'fd00::/16', '192.0.2.1'],
  ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', 'fd00::/16', 'fd00:1::/32'],
  ['0.0.0.0/0'],
  ['0.0.0.0/0', '::/0', '10.0.0.0/8'],
  ['0.0.0.0/1', '128.0.0.0/1'],
  ['::ffff:0:0/96'],
])
  accepted(`accepts ${networks.join(', ') || 'no network at all'}`, () => check(allowing(...networks)));

accepted('would not accept just anything', () => {
  assert.match(complaints(allowing('10.0.0.0/8').replace('10.0.0.0/8', '10.0.0.0/33')), 'Prefix length 33 is invalid');
});

accepted('accepts many ports, some side by side', () => {
  const ports = Array.from({ length: 300 }, (_, i) => `p${i} = ${100 + i + (i % 3)}`).filter((_, i) => i % 3 !== 2);
  check(rulesOf(`[ports]\n${ports.join('\n')}\ndynamic_start = 65000\ndynamic_end = 65535\n`));
});

const address = fc.oneof(
  fc.ipV4().map(ip => parseNetwork(ip)),
  fc.ipV6().map(ip => parseNetwork(ip)),
);
const network = fc.tuple(address, fc.nat(128)).map(([ip, bits]) => {
  if (!ip) return '10.0.0.0/8';
  const prefix = Math.min(bits, ip.prefix);
  return baseOf(parseNetwork(ip.text.replace(/\/\d+$/, `/${prefix}`)) as Network);
});

accepted('accepts any networks', () => {
  const lists = fc.array(network, { maxLength: 12 });
  fc.assert(
    fc.property(lists, list => check(allowing(...list))),
    { numRuns: 20 },
  );
});

nft.run();
