/** What nft has in our table after loading rules, read back from its JSON (libnftables-json(5)). */

import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { isolation } from './needs.js';

type Json = Readonly<Record<string, unknown>>;

export interface LoadedTable {
  /** `filter input 0 drop` of the chain that hooks into the kernel, where there is one. */
  readonly hook?: string;
  /** By name: `80`, `5000-5099`, sorted by number. */
  readonly sets: Readonly<Record<string, readonly string[]>>;
  /** By name: rules as `tcp dport 22 ip saddr {10.0.0.0/8 10.1.2.3} accept`; what stands in braces is sorted. */
  readonly chains: Readonly<Record<string, readonly string[]>>;
}

/** Loads the rules in a network namespace of their own, and lists our table. */
export function loaded(rules: string): LoadedTable {
  const script = 'nft -f - && nft -j list table inet tetra';
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const { status, stdout, stderr } = spawnSync('unshare', [isolation, 'sh', '-c', script], {
    input: rules,
    encoding: 'utf8',
    env,
  });
  assert.is(status, 0, stderr);
  return tableIn((JSON.parse(stdout) as { nftables: Json[] }).nftables);
}

function tableIn(entries: readonly Json[]): LoadedTable {
  const all = (kind: string) => entries.flatMap(entry => (kind in entry ? [entry[kind] as Json] : []));
  const rules = all('rule');
  const base = all('chain').find(chain => 'hook' in chain);
  return {
    ...(base && { hook: ['type', 'hook', 'prio', 'policy'].map(key => base[key]).join(' ') }),
    sets: Object.fromEntries(
      all('set').map(set => {
        const elements = ((set.elem ?? []) as unknown[]).map(wordOf);
        return [set.name, elements.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))];
      }),
    ),
    chains: Object.fromEntries(
      all('chain').map(({ name }) => [
        name,
        rules.filter(rule => rule.chain === name).map(rule => (rule.expr as Json[]).map(stepOf).join(' ')),
      ]),
    ),
  };
}

function stepOf(step: Json): string {
  const [[kind, value]] = Object.entries(step) as [[string, unknown]];
  if (kind === 'jump') return `jump ${(value as Json).target}`;
  if (kind !== 'match') return kind;
  const { op, left, right } = value as { op: string; left: Json; right: unknown };
  return `${wordOf(left)} ${op === '!=' ? '!= ' : ''}${wordOf(right)}`;
}

function wordOf(value: unknown): string {
  if (Array.isArray(value)) return listed(value.map(wordOf));
  if (typeof value !== 'object' || value === null) return String(value);
  const [[kind, inner]] = Object.entries(value) as [[string, unknown]];
  if (kind === 'set') return wordOf(inner);
  if (kind === '&') return (inner as unknown[]).map(wordOf).join(' & ');
  if (kind === 'range') return (inner as unknown[]).join('-');
  const fields = inner as Json;
  if (kind === 'prefix') return `${fields.addr}/${fields.len}`;
  return kind === 'payload' ? `${fields.protocol} ${fields.field}` : String(fields.key);
}

/** As rules of `LoadedTable` have a list; a single one stands alone. */
export function listed(items: readonly (string | number)[]): string {
  return items.length === 1 ? String(items[0]) : `{${items.map(String).sort().join(' ')}}`;
}
