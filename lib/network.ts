/** Networks in CIDR notation (RFC 4632, RFC 4291). */

import { fromByteArray, type IPv4, type IPv6, parseCIDR } from 'ipaddr.js';

export interface Network {
  readonly family: 4 | 6;
  /** `10.0.0.0/8`, `2001:db8::/32`, in the spelling of RFC 5952. */
  readonly text: string;
  readonly prefix: number;
  readonly address: IPv4 | IPv6;
}

/** A network, or one address as a network of its own. `null` where the text is neither. */
export function parseNetwork(text: string): Network | null {
  if (!/^[0-9a-fA-F:.]+(\/\d{1,3})?$/.test(text)) return null;
  // The library also reads 10.1 and 0x0a.1 as inet_aton(3) does; nobody means that in a firewall.
  const plain = /^(\d{1,3}\.){3}\d{1,3}(\/\d+)?$/.test(text);
  if (!plain && !text.includes(':')) return null;
  if (/(^|\.)0\d/.test(text)) return null;
  // The library reads the deprecated ::10.0.0.1 as ::ffff:10.0.0.1, which is another address (RFC 4291, 2.5.5).
  if (/^::\d+\./.test(text)) return null;
  const whole = text.includes('/') ? text : `${text}/${plain ? 32 : 128}`;
  try {
    const [address, prefix] = parseCIDR(whole);
    const family = address.kind() === 'ipv4' ? 4 : 6;
    return { family, prefix, address, text: `${spelling(address)}/${prefix}` };
  } catch {
    return null;
  }
}

/**
 * The address of a socket or a peer, as the system tells it. A zone (`fe80::1%eth0`) is left out; an IPv4 address in
 * IPv6 form (`::ffff:10.0.0.1`) is what it is on the wire, IPv4. `null` where it is none.
 */
export function parseAddress(text: string): Network | null {
  const network = text.includes('/') ? null : parseNetwork(text.replace(/(:.*)%.+$/, '$1'));
  if (network?.family !== 6) return network;
  const address = network.address as IPv6;
  return address.isIPv4MappedAddress() ? parseNetwork(address.toIPv4Address().toString()) : network;
}

/** `10.0.0.1` of four bytes, `2001:db8::1` of sixteen, most significant first. */
export function addressOf(bytes: number[]): string {
  return spelling(fromByteArray(bytes));
}

/** The address with its host bits cleared: what somebody meant who wrote 10.0.0.5/8. */
export function baseOf(network: Network): string {
  const bytes = network.address.toByteArray();
  const masked = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, network.prefix - i * 8))) & 0xff);
  return masked.every((byte, i) => byte === bytes[i]) ? network.text : `${addressOf(masked)}/${network.prefix}`;
}

export function contains(outer: Network, inner: Network): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  return (inner.address as IPv4).match(outer.address as IPv4, outer.prefix);
}

/** Without the networks that lie in others, sorted by family and text: nft refuses overlapping intervals. */
export function reduced(networks: readonly Network[]): Network[] {
  const unique = networks.filter((network, i) => networks.findIndex(other => other.text === network.text) === i);
  const outer = unique.filter(network => !unique.some(other => other !== network && contains(other, network)));
  return outer.sort((a, b) => a.family - b.family || (a.text < b.text ? -1 : 1));
}

function spelling(address: IPv4 | IPv6): string {
  return address.kind() === 'ipv4' ? address.toString() : (address as IPv6).toRFC5952String();
}

/** RFC 1918, RFC 6598 (carrier-grade NAT, as overlay networks use it), RFC 4193, loopback and link-local. */
const privateNetworks = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['fc00::/7', 'fe80::/10', '::1/128'],
];

/** True where the network lies in a private one, whole. */
export function isPrivate(text: string): boolean {
  const network = parseNetwork(text);
  return network !== null && privateNetworks.some(outer => contains(parseNetwork(outer) as Network, network));
}

export function isLoopback(address: Network): boolean {
  return ['127.0.0.0/8', '::1/128'].some(outer => contains(parseNetwork(outer) as Network, address));
}
