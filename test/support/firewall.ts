/** Hosts with environments that ask for a firewall, and packets that are likely to find out a wrong rule. */

import fc from 'fast-check';
import { composeRules, type HostRules, type Policy } from '../../lib/host/firewall.js';
import { decide, type Packet } from '../../lib/host/guard.js';
import { addressOf, baseOf, contains, type Network, parseNetwork } from '../../lib/network.js';
import { renderRules } from '../../lib/render/nftables.js';
import { Settings } from '../../lib/settings.js';
import type { Wire } from './wire.js';

/** What an environment says, as far as the firewall reads it. Defaults: acme-prod, no ports of its own, all closed. */
export interface Asked {
  readonly org?: string;
  readonly env?: string;
  readonly firewall?: boolean;
  readonly ports?: Readonly<Record<string, number>>;
  readonly dynamic?: readonly [number, number];
  readonly allowed?: readonly string[];
  readonly policy?: Policy;
  readonly ssh?: readonly number[];
  readonly allowedSsh?: readonly string[];
}

export function asking(asked: Asked): { org: string; settings: Settings } {
  const [start, end] = asked.dynamic ?? [5000, 5099];
  const table = {
    environment: { name: asked.env ?? 'prod' },
    ports: { ...asked.ports, dynamic_start: start, dynamic_end: end },
    security: {
      firewall_enabled: asked.firewall ?? true,
      allowed_ips: asked.allowed ?? [],
      default_input: asked.policy ?? 'drop',
      ssh_ports: asked.ssh ?? [22],
      allowed_ssh: asked.allowedSsh ?? [],
    },
  };
  return { org: asked.org ?? 'acme', settings: new Settings(table) };
}

export const rulesOf = (...environments: readonly Asked[]): HostRules => composeRules(environments.map(asking));

const whole = ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1', '10.0.0.0/8', 'fd00::/8'];

const anywhere = fc.oneof(fc.ipV4(), fc.ipV6()).filter(text => parseNetwork(text) !== null);

const network = fc.oneof(
  fc.constantFrom(
    ...whole,
    '10.1.0.0/16',
    '10.1.2.3/32',
    '192.168.0.0/24',
    '::ffff:0:0/96',
    'fe80::/10',
    '255.0.0.0/8',
  ),
  fc.tuple(anywhere, fc.nat(128)).map(([text, bits]) => {
    const address = parseNetwork(text) as Network;
    return baseOf(parseNetwork(`${text}/${Math.min(bits, address.prefix)}`) as Network);
  }),
);

const networks = fc.array(network, { maxLength: 5 });
/** Few, so that environments claim the same ones, and sshd's. */
const port = fc.oneof(fc.constantFrom(1, 22, 80, 546, 2222, 5050, 65535), fc.integer({ min: 1, max: 65535 }));

const asked: fc.Arbitrary<Asked> = fc
  .record({
    org: fc.constantFrom('acme', 'shop', 'a-b'),
    env: fc.constantFrom('dev', 'prod', 'qa2'),
    list: fc.uniqueArray(port, { maxLength: 4 }),
    dynamic: fc.tuple(port, fc.nat(2000)).map(([first, length]) => [first, Math.min(65535, first + length)] as const),
    allowed: networks,
    policy: fc.constantFrom<Policy>('accept', 'drop'),
    ssh: fc.uniqueArray(port, { maxLength: 3 }),
    allowedSsh: networks,
  })
  // Within one environment the checks of a promote keep ports apart.
  .map(({ list, ...rest }) => {
    const own = list.filter(number => number < rest.dynamic[0] || number > rest.dynamic[1]);
    return { ...rest, ports: Object.fromEntries(own.map((number, i) => [`p${i}`, number])) };
  });

export const hosts: fc.Arbitrary<HostRules> = fc
  .uniqueArray(asked, { maxLength: 4, selector: one => `${one.org}-${one.env}` })
  .map(environments => rulesOf(...environments));

/** Packets at the edges of the host's networks and ports, and some from anywhere. */
export function packetsFor(rules: HostRules): fc.Arbitrary<Packet[]> {
  const source = fc.oneof(fc.constantFrom('10.1.2.3', '11.0.0.1', '2001:db8::7', ...edgesOf(rules)), anywhere);
  const ranges = rules.environments.flatMap(environment => environment.ports);
  const edges = ranges.flatMap(({ first, last }) => [first - 1, first, last, last + 1]);
  const ports = [22, ...edges, ...rules.ssh.flatMap(rule => rule.ports)].filter(number => number > 0 && number < 65536);
  const packet = fc.record({
    protocol: fc.constantFrom('tcp' as const, 'tcp' as const, 'udp' as const),
    source: fc.tuple(source.filter(canSend), fc.boolean()).map(([text, inIPv6]) => sentAs(text, inIPv6)),
    port: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...ports) }, { weight: 1, arbitrary: port }),
  });
  return fc.array(packet, { minLength: 30, maxLength: 60 });
}

/** The first and last address of each network, and those beside them. */
function edgesOf(rules: HostRules): string[] {
  const all = [...rules.environments, ...rules.ssh].flatMap(rule => rule.sources);
  return all.flatMap(({ address, prefix }) => {
    const first = address.toByteArray();
    const last = first.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, prefix - i * 8))));
    return [first, last, stepped(first, -1), stepped(last, 1)].map(addressOf);
  });
}

/** The address before or after, around the end where there is none. */
function stepped(bytes: readonly number[], by: 1 | -1): number[] {
  const next = [...bytes];
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = ((next[i] as number) + by) & 0xff;
    if (next[i] !== (by === 1 ? 0 : 0xff)) break;
  }
  return next;
}

/** IPv4 as IPv6 has it; link-local with its zone, which nobody can do without. */
function sentAs(text: string, inIPv6: boolean): string {
  if (lies(text, ['fe80::/10'])) return `${text}%wire`;
  return inIPv6 && !text.includes(':') ? `::ffff:${text}` : text;
}

/** Nobody, loopback, groups, broadcast, the wire's own, and IPv4 in IPv6, which no wire carries or nobody uses. */
const unsendable = [
  ...['0.0.0.0', '127.0.0.0/8', '224.0.0.0/4', '255.255.255.255', '198.18.0.0/30'],
  ...['::/96', '::ffff:0:0/96', 'ff00::/8', '2001:2::/126'],
];

const canSend = (text: string): boolean => !lies(text, unsendable);

function lies(text: string, networks: readonly string[]): boolean {
  return networks.some(outer => contains(parseNetwork(outer) as Network, parseNetwork(text) as Network));
}

/** Loads the rules, sends the packets, and tells of each on which the guard and the kernel do not agree. */
export async function disagreements(wire: Wire, rules: HostRules, packets: readonly Packet[]): Promise<string[]> {
  const { status, stderr } = await wire.load(renderRules(rules));
  if (status !== 0) throw new Error(stderr);
  const seen = await wire.verdicts(packets);
  return packets.flatMap((packet, i) => {
    const said = decide(rules, packet);
    return said === seen[i] ? [] : [`${JSON.stringify(packet)}: the guard says ${said}, the kernel ${seen[i]}`];
  });
}
