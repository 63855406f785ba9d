/**
 * The firewall of a host as data, made from the settings of all its environments. The same data is rendered for nft
 * (`lib/render/nftables.ts`) and asked who gets in (`guard.ts`).
 */

import { type Network, parseNetwork, reduced } from '../network.js';
import { portNames } from '../service.js';
import type { Settings } from '../settings.js';
import { byCodeUnits } from '../text.js';

export type Policy = 'accept' | 'drop';

/** A port of [ports], or the dynamic range; `last` is part of it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
  /** `web`, `dynamic`. */
  readonly name: string;
  /** The dotted keys it came from. */
  readonly keys: readonly string[];
}

/** What one environment asks of the firewall. */
export interface EnvironmentRules {
  /** `acme-prod` */
  readonly name: string;
  /** By their first port, without an overlap. */
  readonly ports: readonly PortRange[];
  /** Who may reach them; without an overlap. */
  readonly sources: readonly Network[];
  /** What shall become of traffic that no rule names. */
  readonly policy: Policy;
  readonly ssh: SshRule;
}

export interface SshRule {
  /** The environment that asks for it. */
  readonly name: string;
  /** Where sshd listens; sorted. */
  readonly ports: readonly number[];
  /** Who may reach it; without an overlap. */
  readonly sources: readonly Network[];
}

/** All that stands in our table on a host. Without environments there is no table, and everybody gets in. */
export interface HostRules {
  readonly policy: Policy;
  readonly ssh: readonly SshRule[];
  /** By name. */
  readonly environments: readonly EnvironmentRules[];
}

/** `null` where the firewall is off. */
export function environmentRules(settings: Settings, org: string): EnvironmentRules | null {
  if (!settings.flag('security.firewall_enabled')) return null;
  const name = `${org}-${settings.text('environment.name')}`;
  const ports = [...new Set(settings.list<number>('security.ssh_ports'))].sort((a, b) => a - b);
  return {
    name,
    ports: portRanges(settings),
    sources: networks(settings, 'security.allowed_ips'),
    policy: settings.text('security.default_input') as Policy,
    ssh: { name, ports, sources: networks(settings, 'security.allowed_ssh') },
  };
}

/**
 * What all environments of a host ask for together; their order does not matter. One of them is enough to drop what no
 * rule names. Who may reach sshd is then for those to say that ask for it: an environment that accepts everything else
 * lets everybody in by default, and must not open what another one closed. Where nothing else is dropped, ssh is not
 * either: its rules only keep it open where it listens on a port that an environment claims for itself.
 */
export function composeRules(
  environments: readonly { readonly org: string; readonly settings: Settings }[],
): HostRules {
  const rules = environments
    .map(({ org, settings }) => environmentRules(settings, org))
    .filter(one => one !== null)
    .sort((a, b) => byCodeUnits(a.name, b.name));
  const policy = rules.some(one => one.policy === 'drop') ? 'drop' : 'accept';
  return { policy, ssh: rules.filter(one => one.policy === policy).map(one => one.ssh), environments: rules };
}

/**
 * One sentence for each claim of two environments that contradict each other: a port of both, open to others in the one
 * than in the other, or a port of one where sshd listens for the other. nft would take the first word it reads.
 */
export function contestedPorts({ environments, ssh }: HostRules): string[] {
  const between = environments.flatMap((one, i) =>
    environments.slice(i + 1).flatMap(other => {
      const shared = sameNetworks(one.sources, other.sources) ? [] : sharedRanges(one.ports, other.ports);
      return shared.map(ports => `${one.name} and ${other.name} both have ${ports} and let in different networks`);
    }),
  );
  const sshd = ssh.flatMap(rule =>
    environments.flatMap(one => {
      const taken = rule.ports.filter(port => owns(one, port));
      return taken.map(port => `${one.name} has port ${port}, where sshd listens by ${rule.name}`);
    }),
  );
  return [...between, ...sshd];
}

/** The range of the environment that holds the port. */
export function owns(environment: EnvironmentRules, port: number): PortRange | undefined {
  return environment.ports.find(range => range.first <= port && port <= range.last);
}

function portRanges(settings: Settings): PortRange[] {
  const ranges: PortRange[] = portNames(settings).map(name => {
    const port = settings.number(`ports.${name}`);
    return { first: port, last: port, name, keys: [`ports.${name}`] };
  });
  ranges.push({
    first: settings.number('ports.dynamic_start'),
    last: settings.number('ports.dynamic_end'),
    name: 'dynamic',
    keys: ['ports.dynamic_start', 'ports.dynamic_end'],
  });
  return ranges.sort((a, b) => a.first - b.first);
}

function networks(settings: Settings, key: string): Network[] {
  return reduced(settings.list<string>(key).map(text => parseNetwork(text) as Network));
}

function sameNetworks(some: readonly Network[], others: readonly Network[]): boolean {
  return some.length === others.length && some.every((network, i) => network.text === others[i]?.text);
}

/** `port 80`, `ports 5000-5099`: what is in both. */
function sharedRanges(some: readonly PortRange[], others: readonly PortRange[]): string[] {
  return some.flatMap(a =>
    others.flatMap(b => {
      const [first, last] = [Math.max(a.first, b.first), Math.min(a.last, b.last)];
      if (first > last) return [];
      return [first === last ? `port ${first}` : `ports ${first}-${last}`];
    }),
  );
}
