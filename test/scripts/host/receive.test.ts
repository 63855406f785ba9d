import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { address } from '../../../lib/digest.js';
import type { LogRecord } from '../../../lib/history.js';
import { objectEntries, packBundle } from '../../../scripts/archive.js';
import { receive, receiveLimits } from '../../../scripts/host/receive.js';
import { bundleProblems, derivationProblems, removeBundle } from '../../../store/bundles.js';
import { namesIn } from '../../../store/durable.js';
import { isTemporary, Layout } from '../../../store/layout.js';
import { errorOf } from '../../support/errors.js';
import { Operator } from '../../support/operator.js';
import { Chunks } from '../../support/tar.js';

const owner = { org: 'acme', env: 'dev', host: 'web1' };

interface Context {
  ana: Operator;
  first: LogRecord;
  second: LogRecord;
  host: Layout;
}

const test = suite<Context>('receive');

test.before(async context => {
  context.ana = new Operator('ana');
  context.first = await context.ana.promote(1);
  context.second = await context.ana.promote(2);
});
test.after(({ ana }) => ana.remove());
test.before.each(context => {
  context.host = new Layout(mkdtempSync(join(tmpdir(), 'tetra-host-')));
});
test.after.each(({ host }) => removeBundle(host.root));

const take = (host: Layout, archive: Buffer, chunkSize?: number) =>
  receive(host, new Chunks(archive, chunkSize), owner);

/** What counts in the host's store; a temporary name does not. */
const visible = (host: Layout): string[] => namesIn(host.store).filter(name => !isTemporary(name));

const chainOf = (host: Layout): string => {
  const path = host.chain('acme', 'dev');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

const objects = (...records: readonly LogRecord[]): string[] =>
  records.flatMap(({ bundle, deriver }) => [bundle, deriver]).sort();

test('makes objects of what it was given, whole and with their modes, and keeps the log', async context => {
  const { host, ana, first, second } = context;
  const { added, head } = await take(host, await ana.shipment([first, second]));
  assert.equal([[...added].sort(), head.record], [objects(first, second), second]);
  assert.equal(namesIn(host.store), objects(first, second));
  for (const { bundle, deriver } of [first, second])
    assert.equal(
      [bundleProblems(host.object(bundle), bundle), derivationProblems(host.object(deriver), deriver)],
      [[], []],
    );
  assert.is(chainOf(host), (await ana.lines()).join(''));
});

test('takes what is new, and verifies what is there', async ({ host, ana, first, second }) => {
  await take(host, await ana.shipment([first], 1));
  assert.equal((await take(host, await ana.shipment([first, second], 2))).added, [second.deriver, second.bundle]);
  assert.equal((await take(host, await ana.shipment([first, second], 2))).added, []);
  assert.equal((await take(host, await ana.shipment([], 2))).added, []);
  const path = join(host.object(first.bundle), 'env.toml');
  chmodSync(path, 0o644);
  writeFileSync(path, 'damaged');
  assert.is((await errorOf(take(host, await ana.shipment([first], 2)))).code, 'store-damaged');
});

test('leaves nothing that counts where the archive is cut off, wherever that is', async ({ host, ana, first }) => {
  const archive = await ana.shipment([first]);
  for (let length = 0; length < archive.length; length += 512) {
    const error = await errorOf(take(host, archive.subarray(0, length)));
    assert.is(error.message, 'the archive is cut off');
    assert.equal([namesIn(host.store), chainOf(host)], [[], ''], `${length} bytes`);
  }
});

test('is done once by two at the same time', async ({ host, ana, first, second }) => {
  const archive = await ana.shipment([first, second]);
  const both = await Promise.all([take(host, archive, 700), take(host, archive, 512)]);
  assert.equal(both.flatMap(({ added }) => added).sort(), objects(first, second));
  assert.equal(namesIn(host.store), objects(first, second));
  assert.is(chainOf(host), (await ana.lines()).join(''));
});

const chain = async (ana: Operator) => ({ path: 'chain', content: Buffer.from((await ana.lines()).join('')) });

/** Each is a shipment with something wrong in it. */
const damages: readonly (readonly [string, (context: Context) => Promise<Buffer>, RegExp])[] = [
  [
    'a bundle with a file that was changed',
    async ({ ana, first }) =>
      packBundle([
        ...objectEntries(ana.layout, first.bundle).map(entry =>
          entry.path.endsWith('/env.toml') ? { ...entry, content: Buffer.from('evil') } : entry,
        ),
        await chain(ana),
      ]),
    /not what its name says: has 4 bytes instead of/,
  ],
  [
    'a bundle with a file that is missing',
    async ({ ana, first }) =>
      packBundle([
        ...objectEntries(ana.layout, first.bundle).filter(({ path }) => !path.endsWith('/env.toml')),
        await chain(ana),
      ]),
    /not what its name says: is missing/,
  ],
  [
    'a bundle with a file too many',
    async ({ ana, first }) =>
      packBundle([
        ...objectEntries(ana.layout, first.bundle),
        { path: `store/${first.bundle}/systemd/evil.service`, content: Buffer.from('') },
        await chain(ana),
      ]),
    /not what its name says: does not belong here/,
  ],
  [
    'a bundle under the name of another',
    async ({ ana, first, second }) =>
      packBundle([
        ...objectEntries(ana.layout, first.bundle).map(({ path, content }) => ({
          path: path.replace(first.bundle, second.bundle),
          content,
        })),
        await chain(ana),
      ]),
    /not what its name says: its content is not what the name/,
  ],
  [
    'a bundle whose list of files leads out of it',
    async ({ ana }) => {
      const files = ['/etc/passwd', '../a'].map(path => ({ path, mode: '0444', size: 1, digest: 'sha256:0' }));
      const content = Buffer.from(JSON.stringify({ format: 1, org: 'acme', env: 'dev', files }));
      return packBundle([{ path: `store/${address(content)}-acme-dev/bundle.json`, content }, await chain(ana)]);
    },
    /is no list of the files of a bundle/,
  ],
  [
    'a bundle whose list of files is no JSON',
    async ({ ana }) => {
      const content = Buffer.from('{');
      return packBundle([{ path: `store/${address(content)}-acme-dev/bundle.json`, content }, await chain(ana)]);
    },
    /is no list of the files of a bundle/,
  ],
  [
    'a derivation that was changed',
    async ({ ana, first }) =>
      packBundle([{ path: `store/${first.deriver}`, content: Buffer.from('{}') }, await chain(ana)]),
    /not what its name says/,
  ],
  [
    'a folder in the place of a derivation',
    async ({ ana, first }) =>
      packBundle([{ path: `store/${first.deriver}/a`, content: Buffer.from('{}') }, await chain(ana)]),
    /not what its name says: is missing/,
  ],
  [
    'what is no object',
    async ({ ana }) => packBundle([{ path: 'store/notes.txt', content: Buffer.from('') }, await chain(ana)]),
    /holds "notes\.txt", which is not what its name says/,
  ],
  [
    'what belongs elsewhere',
    async ({ ana }) => packBundle([{ path: 'etc/passwd', content: Buffer.from('') }, await chain(ana)]),
    /holds "etc", which is neither store nor chain/,
  ],
  [
    'a bundle of another environment',
    async ({ ana }) => {
      const other = new Operator('ana', 'prod');
      const { bundle } = await other.promote(1);
      const archive = packBundle([...objectEntries(other.layout, bundle), await chain(ana)]);
      other.remove();
      return archive;
    },
    /which is not of acme dev/,
  ],
  ['no log', async ({ ana, first }) => packBundle(objectEntries(ana.layout, first.bundle)), /holds no chain/],
  [
    'an empty log',
    async ({ ana, first }) =>
      packBundle([...objectEntries(ana.layout, first.bundle), { path: 'chain', content: Buffer.alloc(0) }]),
    /there are no lines/,
  ],
];

for (const [what, damage, problem] of damages)
  test(`takes nothing of an archive with ${what}`, async context => {
    const error = await errorOf(take(context.host, await damage(context)));
    assert.is(error.code, 'invalid-input');
    assert.match(error.message, problem);
    assert.equal([namesIn(context.host.store), chainOf(context.host)], [[], '']);
  });

test('takes nothing from an operator who forked', async ({ host, ana }) => {
  const [eva, ben] = [ana.clone('eva'), ana.clone('ben')];
  await take(host, await eva.shipment([await eva.promote(3)]));
  const before = [visible(host), chainOf(host)];
  const error = await errorOf(take(host, await ben.shipment([await ben.promote(4)])));
  assert.is(error.message, "web1 is on generation 3 by eva@laptop, which you don't have");
  assert.equal([visible(host), chainOf(host)], before);
  eva.remove();
  ben.remove();
});

test('takes nothing beyond its limits', async ({ host, ana, first }) => {
  const limits = { ...receiveLimits, files: 5 };
  const error = await errorOf(receive(host, new Chunks(await ana.shipment([first])), owner, limits));
  assert.match(error.message, 'holds more than 5 files');
  assert.equal(namesIn(host.store), []);
});

test('removes what was left an hour ago by one that was killed, and nothing that is younger', async context => {
  const { host, ana, first } = context;
  const old = new Date(Date.now() - 61 * 60 * 1000);
  for (const [name, time] of [
    ['.tmp-1-old', old],
    ['.tmp-1-young', new Date()],
  ] as const) {
    const path = host.object(name);
    mkdirSync(join(path, 'store'), { recursive: true });
    chmodSync(join(path, 'store'), 0o555);
    utimesSync(path, time, time);
  }
  writeFileSync(host.object('.tmp-2-old'), '');
  utimesSync(host.object('.tmp-2-old'), old, old);
  await take(host, await ana.shipment([first]));
  assert.equal(namesIn(host.store).filter(isTemporary), ['.tmp-1-young']);
});

test.run();
