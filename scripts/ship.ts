/** What a host lacks, sent in one archive. */

import { TetraError } from '../lib/errors.js';
import type { StepName } from '../lib/host/activation.js';
import type { Layout } from '../store/layout.js';
import { objectEntries, packBundle } from './archive.js';
import type { Probe, Remote } from './remote.js';

/** What a generation needs on a host. */
export interface Cargo {
  readonly org: string;
  readonly env: string;
  readonly generation: number;
  readonly bundle: string;
  readonly deriver: string;
  readonly layout: Layout;
  /** The operator's log from the given record on, as its lines. */
  readonly lines: (from: number) => string[];
  /** The digest of a record of it; `undefined` where there is none. */
  readonly digest: (seq: number) => string | undefined;
  /** The number of its newest record. */
  readonly newest: number;
}

export interface ShipOptions {
  /** Without it only what is there is looked at. */
  readonly send: boolean;
  readonly step: (step: StepName, text: string) => void;
  readonly note: (text: string) => void;
}

/** Sends what is missing, once; asks nothing of the host beyond its store. */
export async function ship(remote: Remote, cargo: Cargo, { send, step, note }: ShipOptions): Promise<Probe> {
  const objects = [cargo.bundle, cargo.deriver];
  let probe = await remote.probe(cargo.org, cargo.env, objects);
  if (probe.program === null) {
    expectNode(remote, probe);
    if (!send) throw notInstalled(remote, `tsm org ship @${cargo.env}`);
    // Who is root there may do so; nobody else does it without saying so.
    if (!probe.isRoot && remote.host.address.kind === 'ssh') throw notInstalled(remote, 'tsm host install');
    step('ship', 'installing tsm on the host');
    await remote.install();
    probe = { ...(await remote.probe(cargo.org, cargo.env, objects)), connection: probe.connection };
  }
  // In a folder our own is run; the copy only shows what would be there.
  const isOther = remote.host.address.kind === 'ssh' && probe.program !== null;
  if (isOther && probe.program !== remote.programDigest)
    note(`the host has another tsm than yours: tsm host upgrade --host ${remote.host.name}`);
  if (!send) return probe;
  const missing = probe.status?.missing ?? objects;
  // From its newest line on: that line proves to the host that this log continues its own.
  const lines = cargo.lines(Math.max(1, probe.status?.chain?.seq ?? 1));
  const known = probe.status?.chain;
  if (known && cargo.digest(known.seq) !== known.digest) throw behind(remote, cargo, probe);
  if (missing.length === 0 && lines.length === 1 && probe.status?.chain) {
    step('ship', 'the host has everything');
    return probe;
  }
  const archive = packBundle([
    ...missing.flatMap(name => objectEntries(cargo.layout, name)),
    { path: 'chain', content: Buffer.from(lines.join('')) },
  ]);
  step('ship', `${missing.length === 0 ? 'the history' : missing.join(', ')}: ${Math.ceil(archive.length / 1024)} kB`);
  await remote.receive(cargo.org, cargo.env, archive);
  return probe;
}

/** An operator without the records that others shipped there. */
function behind({ host }: Remote, { env }: Cargo, { status }: Probe): TetraError {
  const { generation, by } = status?.chain ?? {};
  return new TetraError('moved', `${host.name} is on generation ${generation} by ${by}, which you don't have`, {
    hint: `take over history/${env} from whoever promoted it, then run the command again`,
    facts: { host: host.name, env, generation, by },
  });
}

function expectNode(remote: Remote, { node }: Probe) {
  const major = Number(/^v(\d+)/.exec(node ?? '')?.[1] ?? 0);
  if (major >= 18) return;
  const { name } = remote.host;
  throw new TetraError('refused', `${name} has ${node ? `Node ${node}` : 'no Node'}, and tsm needs 18 or newer there`, {
    hint: 'on the host: apt install nodejs',
    facts: { host: name, node },
  });
}

function notInstalled({ host }: Remote, command: string): TetraError {
  return new TetraError('permission', `tsm is not installed on ${host.name}, and root has to do that`, {
    hint: `${command} --host ${host.name}`,
    facts: { host: host.name },
  });
}
