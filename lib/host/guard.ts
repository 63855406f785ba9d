/**
 * Who gets in: the rules of a host, evaluated as the kernel does. An activation that would not let its own operator in
 * again is refused before it touches anything.
 */

import { contains, isLoopback, type Network, parseAddress } from '../network.js';
import { quoted } from '../text.js';
import { type EnvironmentRules, type HostRules, owns, type Policy, type PortRange } from './firewall.js';

export type Protocol = 'tcp' | 'udp';

/** One that begins a connection with the host, at an address that is not link-local. */
export interface Packet {
  readonly protocol: Protocol;
  /** The sender's address, as the system tells it. */
  readonly source: string;
  readonly port: number;
}

/** The verdict, and the rule that gives it. */
type Ruling =
  | { readonly verdict: 'accept'; readonly by: 'loopback' | 'ssh' }
  | {
      readonly verdict: Policy;
      readonly by: 'environment';
      readonly environment: EnvironmentRules;
      readonly range: PortRange;
    }
  | { readonly verdict: Policy; readonly by: 'policy' };

/** What becomes of the packet. A sender without an address is let in by no rule. */
export function decide(rules: HostRules, { protocol, source, port }: Packet): Policy {
  const sender = parseAddress(source);
  return sender ? rulingOn(rules, protocol, sender, port).verdict : 'drop';
}

/**
 * `connection` is the text of SSH_CONNECTION (sshd(8)): client address, client port, server address, server port. `null`
 * where that client could connect to that port anew, else one sentence: what closes it, and what to change.
 */
export function guardProblem(rules: HostRules, connection: string): string | null {
  if (rules.environments.length === 0) return null;
  const [client, server, port] = readConnection(connection);
  if (!client || !server || !port)
    return `SSH_CONNECTION is ${quoted(connection)}, which does not tell whether the rules would let you in again`;
  // A host talks to itself over the loopback interface, whichever of its addresses it uses.
  if (client.text === server.text) return null;
  const ruling = rulingOn(rules, 'tcp', client, port);
  if (ruling.verdict === 'accept') return null;
  const closed = `the new rules would not let ${bare(client)} connect to port ${port} again`;
  return `${closed}: ${causeOf(rules, ruling, port)}; ${remedyFor(rules, ruling, bare(client), port)}`;
}

function rulingOn(rules: HostRules, protocol: Protocol, sender: Network, port: number): Ruling {
  // From elsewhere than the loopback interface, the kernel drops such a sender before any rule.
  if (isLoopback(sender)) return { verdict: 'accept', by: 'loopback' };
  const lets = (sources: readonly Network[]) => sources.some(network => contains(network, sender));
  if (protocol === 'tcp' && rules.ssh.some(rule => rule.ports.includes(port) && lets(rule.sources)))
    return { verdict: 'accept', by: 'ssh' };
  for (const environment of rules.environments) {
    const range = owns(environment, port);
    if (range) return { verdict: lets(environment.sources) ? 'accept' : 'drop', by: 'environment', environment, range };
  }
  return { verdict: rules.policy, by: 'policy' };
}

function readConnection(text: string): [client: Network | null, server: Network | null, port: number] {
  const [client = '', , server = '', port = '', ...rest] = text.split(' ');
  const number = rest.length === 0 && /^\d{1,5}$/.test(port) ? Number(port) : 0;
  return [parseAddress(client), parseAddress(server), number];
}

function causeOf(rules: HostRules, ruling: Ruling, port: number): string {
  if (ruling.by === 'environment') {
    const { environment, range } = ruling;
    const [key, ...more] = range.keys;
    const claimed = more.length > 0 ? `the dynamic range ${range.first}-${range.last}` : key;
    return `${claimed} of ${environment.name} is for its security.allowed_ips only`;
  }
  const strict = rules.environments.filter(environment => environment.policy === 'drop').map(({ name }) => name);
  const rule = `security.default_input of ${strict.join(' and ')} drops what no rule names`;
  return sshRulesFor(rules, port).length === 0 ? `${rule}, and none names port ${port}` : rule;
}

function remedyFor(rules: HostRules, ruling: Ruling, client: string, port: number): string {
  const named = sshRulesFor(rules, port);
  if (named.length > 0) return `add ${client} to security.allowed_ssh of ${named.join(' or ')}`;
  if (ruling.by !== 'environment')
    return `add ${port} to security.ssh_ports of ${rules.ssh.map(rule => rule.name).join(' or ')}`;
  const { environment, range } = ruling;
  return `change ${range.keys.join(' or ')} of ${environment.name}, or add ${client} to its security.allowed_ips`;
}

function sshRulesFor(rules: HostRules, port: number): string[] {
  return rules.ssh.filter(rule => rule.ports.includes(port)).map(rule => rule.name);
}

const bare = (network: Network): string => network.text.replace(/\/\d+$/, '');
