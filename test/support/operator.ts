/** An operator's side without the command line: a store and the log of one environment, and what is shipped of them. */

import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derivationFile } from '../../lib/derivation.js';
import type { LogRecord } from '../../lib/history.js';
import { objectEntries, packBundle } from '../../scripts/archive.js';
import { realise, removeBundle } from '../../store/bundles.js';
import { Layout } from '../../store/layout.js';
import { openLog } from '../../store/log.js';
import { minimal, promotion } from './sources.js';

export class Operator {
  readonly layout = new Layout(mkdtempSync(join(tmpdir(), 'tetra-operator-')));

  constructor(
    readonly name: string,
    readonly env = 'dev',
    readonly org = 'acme',
  ) {}

  private log() {
    return openLog(this.layout.org(this.org), this.env);
  }

  /** Promotes a source with this setting, so that each `n` gives another bundle. */
  async promote(n: number): Promise<LogRecord> {
    const { bundle, derivation } = promotion(`${minimal}\n[app]\nn = ${n}\n`, this.env, this.org);
    const deriver = derivationFile(derivation);
    realise(this.layout, bundle, deriver);
    const log = await this.log();
    const record = log.append(
      {
        action: 'promote',
        bundle: bundle.name,
        deriver: deriver.name,
        at: '2026-01-01T00:00:00.000Z',
        by: `${this.name}@laptop`,
      },
      log.head(),
    );
    if (!record) throw new Error('another process appended');
    return record;
  }

  async lines(from = 1): Promise<string[]> {
    return (await this.log()).lines(from);
  }

  /** The objects of these records, and the log from a number on. */
  async shipment(records: readonly LogRecord[], from = 1): Promise<Buffer> {
    const names = records.flatMap(({ bundle, deriver }) => [bundle, deriver]);
    const chain = { path: 'chain', content: Buffer.from((await this.lines(from)).join('')) };
    return packBundle([...names.flatMap(name => objectEntries(this.layout, name)), chain]);
  }

  /** Another operator with the same history. */
  clone(name: string): Operator {
    const other = new Operator(name, this.env, this.org);
    cpSync(this.layout.root, other.layout.root, { recursive: true });
    return other;
  }

  remove() {
    removeBundle(this.layout.root);
  }
}
