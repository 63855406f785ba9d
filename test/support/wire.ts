/**
 * Two network namespaces and a wire between them: a host that filters, and a peer that sends from any address. What comes
 * to the host's rules and what comes past them is recorded by another table, so that a drop is seen, not guessed from
 * silence.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { uvu } from 'uvu';
import type { Policy } from '../../lib/host/firewall.js';
import type { Packet } from '../../lib/host/guard.js';
import { parseAddress } from '../../lib/network.js';
import { isolation } from './needs.js';
import type { Request, Shot } from './wire-end.js';

/** The host's addresses (RFC 2544, RFC 5180: for benchmarks, so that no test means them). */
export const hostAddresses = { 4: '198.18.0.1', 6: '2001:2::1' } as const;

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The wire of a suite: laid where a test first asks for it, cut after the last. */
export function wireFor(suite: uvu.Test<unknown>): () => Promise<Wire> {
  let laid: Promise<Wire> | undefined;
  suite.after(async () => {
    // Where none could be laid, the tests have said why.
    const wire = await laid?.catch(() => undefined);
    wire?.cut();
  });
  return () => {
    laid ??= Wire.lay();
    return laid;
  };
}

const program = [process.execPath, '--import', 'tsx', join(import.meta.dirname ?? __dirname, 'wire-end.ts')];

class End {
  private readonly waiting: { done(line: string): void; fail(error: Error): void }[] = [];
  private readonly child: ChildProcess;
  readonly ready: Promise<string>;

  constructor([command = '', ...args]: readonly string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.ready = this.line();
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream })
      .on('line', line => this.waiting.shift()?.done(line))
      .on('close', () => {
        for (const { fail } of this.waiting) fail(new Error('an end of the wire is gone'));
      });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async ask<T>(request: Request): Promise<T> {
    const line = this.line();
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
    return JSON.parse(await line) as T;
  }

  async run(command: readonly string[], input = ''): Promise<Ran> {
    return this.ask({ verb: 'run', command, input });
  }

  /** Commands that have to succeed. */
  async shell(script: string) {
    const { status, stderr } = await this.run(['sh', '-ec', script]);
    if (status !== 0) throw new Error(stderr);
  }

  end() {
    this.child.stdin?.end();
  }

  private line(): Promise<string> {
    return new Promise((done, fail) => this.waiting.push({ done, fail }));
  }
}

export class Wire {
  private constructor(
    readonly host: End,
    readonly peer: End,
  ) {}

  static async lay(): Promise<Wire> {
    const host = new End(['unshare', isolation, ...program]);
    await host.ready;
    // Who is not root has one user namespace for both, or no wire could be laid between them.
    const entering = isolation === '-n' ? [] : ['nsenter', '-t', String(host.pid), '-U', '--preserve-credentials'];
    const wire = new Wire(host, new End([...entering, 'unshare', '-n', ...program]));
    try {
      await wire.connect();
      return wire;
    } catch (error) {
      wire.cut();
      throw error;
    }
  }

  private async connect() {
    await this.peer.ready;
    await this.host.shell(hostNetwork(this.peer.pid));
    await this.peer.shell(peerNetwork);
    const { status, stderr } = await this.load(recorder);
    if (status !== 0) throw new Error(stderr);
  }

  /** `nft -f`. */
  load(rules: string): Promise<Ran> {
    return this.host.run(['nft', '-f', '-'], rules);
  }

  /** What `nft` says to these words. */
  async nft(...words: string[]): Promise<string> {
    return (await this.host.run(['nft', ...words])).stdout;
  }

  /** What the host's rules do with each packet, sent to the host's address of the sender's family or to another. */
  async verdicts(packets: readonly Packet[], target?: string): Promise<Policy[]> {
    await this.load(recorded.map(set => `flush set inet recorder ${set}\n`).join(''));
    const shots = packets.map(packet => ({ ...aimed(packet), ...(target && { target }) }));
    await this.peer.ask({ verb: 'send', shots });
    for (let tries = 0; tries < 200; tries++) {
      const { before } = await this.recordings();
      if (!shots.every(shot => before.has(keyOf(shot)))) continue;
      // Asked again, since the last to come may still have been on its way through the rules.
      const { after } = await this.recordings();
      await this.peer.ask({ verb: 'send', shots: [] });
      return shots.map(shot => (after.has(keyOf(shot)) ? 'accept' : 'drop'));
    }
    const { before } = await this.recordings();
    const lost = shots.filter(shot => !before.has(keyOf(shot))).map(keyOf);
    throw new Error(`these packets never came to the rules: ${lost.join(', ')}`);
  }

  /** Opens a connection that stays: `open`, an error's code, or `silence` after so many ms. */
  dial(packet: Packet, ms: number): Promise<string> {
    return this.peer.ask({ verb: 'dial', shot: aimed(packet), ms });
  }

  cut() {
    this.peer.end();
    this.host.end();
  }

  private async recordings(): Promise<{ before: Set<string>; after: Set<string> }> {
    const listing = JSON.parse(await this.nft('-j', 'list', 'table', 'inet', 'recorder')) as {
      nftables: { set?: { name: string; elem?: { concat: [string, string, number] }[] } }[];
    };
    const keys = (word: string) =>
      new Set(
        listing.nftables
          .filter(({ set }) => set?.name.startsWith(word))
          .flatMap(({ set }) => set?.elem ?? [])
          .map(({ concat: [source, protocol, port] }) => `${parseAddress(source)?.text} ${protocol} ${port}`),
      );
    return { before: keys('before'), after: keys('after') };
  }
}

function aimed(packet: Packet): Shot {
  const family = parseAddress(packet.source)?.family ?? 4;
  const isMapped = family === 4 && packet.source.includes(':');
  return { ...packet, target: `${isMapped ? '::ffff:' : ''}${hostAddresses[family]}` };
}

const keyOf = ({ source, protocol, port }: Packet): string => `${parseAddress(source)?.text} ${protocol} ${port}`;

const hostNetwork = (peer: number): string => `
ip link add wire type veth peer name wire netns ${peer}
echo 0 > /proc/sys/net/ipv6/conf/wire/accept_dad
ip link set lo up
ip link set wire up
ip address add 198.18.0.1/30 dev wire
ip address add 2001:2::1/126 dev wire
ip address add fe80::1/64 dev wire
ip route add default via 198.18.0.2
ip route add default via 2001:2::2
`;

/** All addresses are the peer's own, but those of the host. */
const peerNetwork = `
echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind
echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind
echo 0 > /proc/sys/net/ipv6/conf/wire/accept_dad
ip link set lo up
ip link set wire up
ip address add 198.18.0.2/30 dev wire
ip address add 2001:2::2/126 dev wire
ip route add table local 198.18.0.1 dev wire
ip route add table local 2001:2::1 dev wire
ip route add local 0.0.0.0/0 dev lo
ip route add local ::/0 dev lo
`;

const recorded = ['before4', 'before6', 'after4', 'after6'];

const recorder = `table inet recorder {
${recorded.map(set => `\tset ${set} {\n\t\ttype ipv${set.at(-1)}_addr . inet_proto . inet_service\n\t\tflags dynamic\n\t}\n`).join('')}
${[
  ['before', -10],
  ['after', 10],
]
  .map(
    ([when, priority]) => `\tchain ${when} {
\t\ttype filter hook input priority ${priority}
\t\tmeta nfproto ipv4 meta l4proto { tcp, udp } add @${when}4 { ip saddr . meta l4proto . th dport }
\t\tmeta nfproto ipv6 meta l4proto { tcp, udp } add @${when}6 { ip6 saddr . meta l4proto . th dport }
\t}
`,
  )
  .join('')}}
`;
