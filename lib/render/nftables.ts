/**
 * nftables/rules.nft: who may reach this environment's ports. A chain and a set of our own in the shared table; the
 * host composes the chains of all its environments and jumps to them (nft(8)).
 */

import { type Network, parseNetwork, reduced } from '../network.js';
import { portNames } from '../service.js';
import type { Settings } from '../settings.js';
import type { BundleFile } from '../types.js';
import { header, Sheet } from './sheet.js';

/** `null` where the firewall is off. */
export function renderNftables(settings: Settings, org: string): BundleFile | null {
  if (!settings.flag('security.firewall_enabled')) return null;
  const env = settings.text('environment.name');
  const sheet = new Sheet('nftables/rules.nft');
  const set = `${org}-${env}-ports`;
  const chain = `${org}-${env}`;
  sheet.line(header(org, env)).line('table inet tetra {');
  sheet.line(`\tset ${set} {`).line('\t\ttype inet_service').line('\t\tflags interval').line('\t\telements = {');
  for (const { elements, keys, name } of portElements(settings)) sheet.line(`\t\t\t${elements}, # ${name}`, ...keys);
  sheet.line('\t\t}').line('\t}').blank();
  sheet.line(`\tchain ${chain} {`, 'security.firewall_enabled');
  for (const source of sources(settings.list<string>('security.allowed_ips')))
    sheet.line(`\t\t${ours(set)} ${source} accept`, 'security.allowed_ips');
  sheet.line(`\t\t${ours(set)} drop`, 'security.firewall_enabled');
  sheet.line('\t}').line('}');
  return sheet.file();
}

const ours = (set: string): string => `meta l4proto { tcp, udp } th dport @${set}`;

function portElements(settings: Settings) {
  const [start, end] = [settings.number('ports.dynamic_start'), settings.number('ports.dynamic_end')];
  const elements = portNames(settings).map(name => {
    const port = settings.number(`ports.${name}`);
    return { first: port, elements: String(port), name, keys: [`ports.${name}`] };
  });
  const range = start === end ? String(start) : `${start}-${end}`;
  elements.push({ first: start, elements: range, name: 'dynamic', keys: ['ports.dynamic_start', 'ports.dynamic_end'] });
  return elements.sort((a, b) => a.first - b.first);
}

/** One match a family; nft refuses a set of the whole address space, and needs none. */
function sources(texts: readonly string[]): string[] {
  const networks = reduced(texts.map(text => parseNetwork(text) as Network));
  const matches: string[] = [];
  for (const [family, word, proto] of [
    [4, 'ip', 'ipv4'],
    [6, 'ip6', 'ipv6'],
  ] as const) {
    const own = networks.filter(network => network.family === family);
    if (own.some(network => network.prefix === 0)) matches.push(`meta nfproto ${proto}`);
    else if (own.length > 0) matches.push(`${word} saddr { ${own.map(network => network.text).join(', ')} }`);
  }
  return matches;
}
