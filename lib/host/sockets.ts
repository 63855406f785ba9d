/** Listening sockets, as the kernel tells them, and those that rules would close. */

import { addressOf, isLoopback, type Network, parseAddress } from '../network.js';
import { byCodeUnits, printable } from '../text.js';
import { type HostRules, owns } from './firewall.js';
import type { Protocol } from './guard.js';

export interface ListeningSocket {
  readonly protocol: Protocol;
  /** `0.0.0.0`, `::1` */
  readonly address: string;
  readonly port: number;
  /** What `socket:[INODE]` in /proc/PID/fd names; 0 where it is the kernel's own. */
  readonly inode: number;
}

export interface Listener {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** The process's name; `null` where none is known, such as for the kernel's own. */
  readonly process: string | null;
}

/**
 * The listening sockets in the text of /proc/net/tcp, tcp6, udp or udp6 (proc(5)), as little-endian machines write it. A
 * UDP socket listens where it is connected to nobody.
 */
export function listeningSockets(protocol: Protocol, text: string): ListeningSocket[] {
  const listening = protocol === 'tcp' ? '0A' : '07';
  return text.split('\n').flatMap(line => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== listening) return [];
    const [address = '', port = ''] = local.split(':');
    return [{ protocol, address: addressOf(bytesOf(address)), port: Number.parseInt(port, 16), inode: Number(inode) }];
  });
}

/**
 * What the rules close to everybody from outside though it listens, and is no port of ours: `tcp 8080 (python3)`. By protocol
 * and port.
 */
export function closedListeners(rules: HostRules, listeners: readonly Listener[]): string[] {
  if (rules.policy === 'accept') return [];
  const closed = listeners.filter(
    listener => !isLoopback(parseAddress(listener.address) as Network) && isClosed(rules, listener),
  );
  const order = (a: Listener, b: Listener) =>
    byCodeUnits(a.protocol, b.protocol) || a.port - b.port || byCodeUnits(textOf(a), textOf(b));
  return [...new Set(closed.sort(order).map(textOf))];
}

function textOf({ protocol, port, process }: Listener): string {
  return `${protocol} ${port}${process === null ? '' : ` (${printable(process)})`}`;
}

/** DHCP clients get answers only, and these are let in. */
const dhcpClients = [68, 546];

function isClosed({ ssh, environments }: HostRules, { protocol, port }: Listener): boolean {
  if (environments.some(environment => owns(environment, port))) return false;
  if (protocol === 'udp') return !dhcpClients.includes(port);
  return !ssh.some(rule => rule.ports.includes(port) && rule.sources.length > 0);
}

/** Words of four bytes, each with its least significant byte first. */
function bytesOf(hex: string): number[] {
  const bytes = (hex.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16));
  return bytes.map((_, i) => bytes[i - (i % 4) + 3 - (i % 4)] as number);
}
