/** What nft has in its tables after loading our rules, read back in a network namespace of our own. */

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Network, parseNetwork, reduced } from '../../../lib/network.js';
import { isolation, testIfNft } from '../../support/needs.js';
import { fileOf, promotion } from '../../support/sources.js';
import '../arbitraries.js';

type Json = Readonly<Record<string, unknown>>;

/** Loads the rules where nobody is listening, and lists them as JSON (libnftables-json(5)). */
function loaded(rules: string): Json[] {
  const script = 'nft -f - && nft -j list table inet tetra';
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const { status, stdout, stderr } = spawnSync('unshare', [isolation, 'sh', '-c', script], {
    input: rules,
    encoding: 'utf8',
    env,
  });
  assert.is(status, 0, stderr);
  return (JSON.parse(stdout) as { nftables: Json[] }).nftables;
}

const all = (tables: readonly Json[], name: string) =>
  tables.flatMap(entry => (name in entry ? [entry[name] as Json] : []));

/** `80`, `5000-5099`, sorted by number. */
function portsIn(tables: readonly Json[]): string[] {
  const elements = (all(tables, 'set')[0]?.elem ?? []) as (number | { range: [number, number] })[];
  return elements
    .map(element => (typeof element === 'number' ? String(element) : element.range.join('-')))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

/** The networks of all rules that accept, as text, and the word of the last rule. */
function verdictsIn(tables: readonly Json[]): { accepted: string[]; last: string } {
  const rules = all(tables, 'rule').map(rule => rule.expr as Json[]);
  const accepted = rules.filter(expr => expr.some(step => 'accept' in step)).flatMap(expr => expr.flatMap(sourcesOf));
  return { accepted: accepted.sort(), last: Object.keys(rules.at(-1)?.at(-1) ?? {})[0] ?? '' };
}

function sourcesOf({ match }: Json): string[] {
  const { left, right } = (match ?? {}) as { left?: Json; right?: unknown };
  if ((left?.meta as Json | undefined)?.key === 'nfproto') return [right === 'ipv4' ? '0.0.0.0/0' : '::/0'];
  const { protocol, field } = (left?.payload ?? {}) as { protocol?: string; field?: string };
  if (field !== 'saddr') return [];
  const members = (right as { set?: unknown[] }).set ?? [right];
  return members.map(member => {
    const { addr, len } = (member as { prefix?: { addr: string; len: number } }).prefix ?? { addr: member, len: 0 };
    return typeof member === 'string' ? `${member}/${protocol === 'ip' ? 32 : 128}` : `${addr}/${len}`;
  });
}

const port = fc.integer({ min: 1, max: 4000 }).filter(number => number !== 22);
const network = fc.constantFrom(
  ...['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '192.168.0.0/24', '172.16.0.0/12', '203.0.113.7/32'],
  ...['::/0', 'fd00::/16', 'fd00:1::/32', '2001:db8::1', 'fe80::/10'],
);

const test = suite('nft');

testIfNft(test, 'what nft reads from the rules')('reads the very ports and networks that were meant', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(port, { maxLength: 12 }),
      fc.uniqueArray(network, { maxLength: 8 }),
      fc.integer({ min: 0, max: 900 }),
      (ports, networks, length) => {
        const listed = ports.map((number, i) => `p${i} = ${number}`).join('\n');
        const range = `dynamic_start = 5000\ndynamic_end = ${5000 + length}`;
        const security = `[env.dev.security]\nallowed_ips = ${JSON.stringify(networks)}`;
        const text = `[ports]\n${listed}\n${range}\n${security}\n`;
        const tables = loaded(fileOf(promotion(text, 'dev'), 'nftables/rules.nft'));
        const expected = [...ports].sort((a, b) => a - b).map(String);
        assert.equal(portsIn(tables), [...expected, length === 0 ? '5000' : `5000-${5000 + length}`]);
        const open = ['0.0.0.0/0', '::/0'].filter(whole => networks.includes(whole));
        const kept = reduced(networks.map(item => parseNetwork(item) as Network)).map(item => item.text);
        const { accepted, last } = verdictsIn(tables);
        assert.equal(accepted, [...new Set([...open, ...kept])].sort());
        assert.is(last, 'drop');
      },
    ),
    { numRuns: 40 },
  );
});

test.run();
