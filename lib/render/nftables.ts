/**
 * Firewall rules as nft(8) reads them: nftables/rules.nft of a bundle, which says who may reach this environment's ports
 * (a chain and a set of our own in the shared table), and the whole table of a host, which jumps to the chains of all.
 */

import { type EnvironmentRules, environmentRules, type HostRules, type SshRule } from '../host/firewall.js';
import type { Network } from '../network.js';
import type { Settings } from '../settings.js';
import type { BundleFile } from '../types.js';
import { header, Sheet } from './sheet.js';

/** `null` where the firewall is off. */
export function renderNftables(settings: Settings, org: string): BundleFile | null {
  const rules = environmentRules(settings, org);
  if (!rules) return null;
  const sheet = new Sheet('nftables/rules.nft');
  sheet.line(header(org, settings.text('environment.name'))).line('table inet tetra {');
  writeEnvironment(sheet, rules);
  return sheet.line('}').file();
}

/**
 * The table of a host, for `nft -f`. It takes the place of the one before in one transaction, also where there was none,
 * and touches no other. Without environments it only takes ours away.
 */
export function renderRules(rules: HostRules): string {
  const names = rules.environments.map(environment => environment.name).join(', ') || 'no environment';
  const sheet = new Sheet('rules.nft');
  sheet.line(`# ${names}: made by tsm. Do not edit: the next activation replaces this file.`);
  // The first line makes the table where there is none, or the second would fail.
  sheet.line('table inet tetra').line('delete table inet tetra');
  if (rules.environments.length === 0) return sheet.file().content;
  sheet.line('table inet tetra {');
  for (const environment of rules.environments) {
    writeEnvironment(sheet, environment);
    sheet.blank();
  }
  writeInput(sheet, rules);
  return sheet.line('}').file().content;
}

function writeEnvironment(sheet: Sheet, { name, ports, sources }: EnvironmentRules) {
  const ours = `meta l4proto { tcp, udp } th dport @${name}-ports`;
  sheet.line(`\tset ${name}-ports {`).line('\t\ttype inet_service').line('\t\tflags interval').line('\t\telements = {');
  for (const { first, last, name: port, keys } of ports)
    sheet.line(`\t\t\t${first === last ? first : `${first}-${last}`}, # ${port}`, ...keys);
  sheet.line('\t\t}').line('\t}').blank();
  sheet.line(`\tchain ${name} {`, 'security.firewall_enabled');
  for (const source of matches(sources)) sheet.line(`\t\t${ours} ${source} accept`, 'security.allowed_ips');
  sheet.line(`\t\t${ours} drop`, 'security.firewall_enabled');
  sheet.line('\t}');
}

function writeInput(sheet: Sheet, { policy, ssh, environments }: HostRules) {
  sheet.line('\tchain input {').line(`\t\ttype filter hook input priority filter; policy ${policy};`);
  // By name, since the number of an interface may change while the rules stay.
  sheet.line('\t\tiifname "lo" accept').line('\t\tct state established,related accept');
  // The kernel tracks connections from the first load on. What began before that it would call new, even an hour later:
  // who is idle at that moment would be cut off. A packet that begins no connection opens none, so it may pass.
  sheet.line('\t\ttcp flags & (syn | ack) != syn accept');
  // All of it: path MTU, neighbours and routers of IPv6 need many types, and the rest tells no more than a ping (RFC 4890).
  sheet.line('\t\tmeta l4proto { icmp, icmpv6 } accept');
  // A DHCPv6 server answers from another address than it was asked at, so its answer is no tracked one (RFC 8415).
  sheet.line('\t\tip6 daddr fe80::/10 udp dport 546 accept');
  for (const rule of ssh) writeSsh(sheet, rule);
  for (const { name } of environments) sheet.line(`\t\tjump ${name}`);
  sheet.line('\t}');
}

function writeSsh(sheet: Sheet, { name, ports, sources }: SshRule) {
  if (ports.length === 0) return;
  for (const source of matches(sources)) sheet.line(`\t\ttcp dport { ${ports.join(', ')} } ${source} accept # ${name}`);
}

/** One match a family; nft refuses a set of the whole address space, and needs none. */
function matches(networks: readonly Network[]): string[] {
  const found: string[] = [];
  for (const [family, word, proto] of [
    [4, 'ip', 'ipv4'],
    [6, 'ip6', 'ipv6'],
  ] as const) {
    const own = networks.filter(network => network.family === family);
    if (own.some(network => network.prefix === 0)) found.push(`meta nfproto ${proto}`);
    else if (own.length > 0) found.push(`${word} saddr { ${own.map(network => network.text).join(', ')} }`);
  }
  return found;
}
