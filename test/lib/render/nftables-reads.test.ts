/** What nft has in its tables after loading our rules, read back in a network namespace of our own. */

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EnvironmentRules, HostRules, PortRange } from '../../../lib/host/firewall.js';
import { type Network, parseNetwork, reduced } from '../../../lib/network.js';
import { renderRules } from '../../../lib/render/nftables.js';
import { rulesOf } from '../../support/firewall.js';
import { testIfNft } from '../../support/needs.js';
import { type LoadedTable, listed, loaded } from '../../support/nft.js';
import { fileOf, promotion } from '../../support/sources.js';
import '../arbitraries.js';

const port = fc.integer({ min: 1, max: 4000 }).filter(number => number !== 22);
const network = fc.constantFrom(
  ...['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '192.168.0.0/24', '172.16.0.0/12', '203.0.113.7/32'],
  ...['::/0', 'fd00::/16', 'fd00:1::/32', '2001:db8::1', 'fe80::/10'],
);

/** What a rule matches to let these in, one for each family. */
function meant(networks: readonly Network[]): string[] {
  return ([4, 6] as const).flatMap(family => {
    const single = family === 4 ? '/32' : '/128';
    const own = networks
      .filter(one => one.family === family)
      .map(one => one.text.replace(new RegExp(`${single}$`), ''));
    if (own.some(text => text.endsWith('/0'))) return [`nfproto ipv${family}`];
    return own.length === 0 ? [] : [`${family === 4 ? 'ip' : 'ip6'} saddr ${listed(own)}`];
  });
}

function chainOf(name: string, sources: readonly Network[]): string[] {
  const ours = `l4proto {tcp udp} th dport @${name}-ports`;
  return [...meant(sources).map(source => `${ours} ${source} accept`), `${ours} drop`];
}

const test = suite('nft');
const reads = testIfNft(test, 'what nft reads from the rules');

reads('reads the very ports and networks that were meant', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(port, { maxLength: 12 }),
      fc.uniqueArray(network, { maxLength: 8 }),
      fc.integer({ min: 0, max: 900 }),
      (ports, networks, length) => {
        const list = ports.map((number, i) => `p${i} = ${number}`).join('\n');
        const range = `dynamic_start = 5000\ndynamic_end = ${5000 + length}`;
        const security = `[env.dev.security]\nallowed_ips = ${JSON.stringify(networks)}`;
        const text = `[ports]\n${list}\n${range}\n${security}\n`;
        const { sets, chains } = loaded(fileOf(promotion(text, 'dev'), 'nftables/rules.nft'));
        const expected = [...ports].sort((a, b) => a - b).map(String);
        assert.equal(sets, { 'acme-dev-ports': [...expected, length === 0 ? '5000' : `5000-${5000 + length}`] });
        const kept = reduced(networks.map(item => parseNetwork(item) as Network));
        assert.equal(chains, { 'acme-dev': chainOf('acme-dev', kept) });
      },
    ),
    { numRuns: 40 },
  );
});

const asked = fc.record({
  org: fc.constantFrom('acme', 'shop'),
  env: fc.constantFrom('dev', 'prod'),
  ports: fc.dictionary(fc.constantFrom('web', 'api', 'db'), port),
  allowed: fc.uniqueArray(network, { maxLength: 5 }),
  policy: fc.constantFrom('accept' as const, 'drop' as const),
  ssh: fc.uniqueArray(port, { maxLength: 3 }),
  allowedSsh: fc.uniqueArray(network, { maxLength: 5 }),
});

const always = [
  'iifname lo accept',
  'state {established related} accept',
  'tcp flags & {ack syn} != syn accept',
  'l4proto {icmp ipv6-icmp} accept',
  'ip6 daddr fe80::/10 udp dport 546 accept',
];

function tableOf({ policy, ssh, environments }: HostRules): LoadedTable {
  const sshd = ssh.flatMap(({ ports, sources }) =>
    ports.length === 0 ? [] : meant(sources).map(source => `tcp dport ${listed(ports)} ${source} accept`),
  );
  const jumps = environments.map(({ name }) => `jump ${name}`);
  const textOf = ({ first, last }: PortRange) => (first === last ? String(first) : `${first}-${last}`);
  const both = <T>(of: (environment: EnvironmentRules) => [string, T]) => Object.fromEntries(environments.map(of));
  return {
    hook: `filter input 0 ${policy}`,
    sets: both(({ name, ports }) => [`${name}-ports`, ports.map(textOf)]),
    chains: {
      ...both(({ name, sources }) => [name, chainOf(name, sources)]),
      input: [...always, ...sshd, ...jumps],
    },
  };
}

reads('reads the very table of a host that was meant', () => {
  const several = fc.uniqueArray(asked, { minLength: 1, maxLength: 4, selector: one => `${one.org}-${one.env}` });
  fc.assert(
    fc.property(several, environments => {
      const rules = rulesOf(...environments.map(one => ({ ...one, ports: distinct(one.ports) })));
      assert.equal(loaded(renderRules(rules)), tableOf(rules));
    }),
    { numRuns: 40 },
  );
});

/** Within one environment no two ports are the same. */
function distinct(ports: Readonly<Record<string, number>>): Record<string, number> {
  const first = (number: number) => Object.values(ports).indexOf(number);
  return Object.fromEntries(Object.entries(ports).filter(([, number], i) => first(number) === i));
}

test.run();
