import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { relativePathProblem } from '../../lib/relative-path.js';
import { type ArchiveEntry, packBundle } from '../../scripts/archive.js';
import { readTar, type TarFile } from '../../scripts/host/tar.js';
import { Chunks } from '../support/tar.js';

const entry = (path: string, text = path): ArchiveEntry => ({ path, content: Buffer.from(text) });

async function filesOf(archive: Buffer, chunkSize?: number): Promise<TarFile[]> {
  const files: TarFile[] = [];
  const limits = { files: 100, fileBytes: 1 << 20, bytes: 1 << 22 };
  for await (const file of readTar(new Chunks(archive, chunkSize), limits)) files.push(file);
  return files;
}

const pack = suite('packBundle');

pack('gives the same bytes whatever the order', () => {
  const entries = ['b/c', 'a', 'b/a', 'B'].map(path => entry(path));
  assert.equal(packBundle(entries), packBundle([...entries].reverse()));
});

pack('sorts by code units, and tells neither time nor owner', async () => {
  const archive = packBundle(['b', 'B', 'a'].map(path => entry(path)));
  assert.equal(
    (await filesOf(archive)).map(({ path }) => path),
    ['B', 'a', 'b'],
  );
  const owners = [archive.subarray(108, 124), archive.subarray(265, 345)];
  for (const field of owners) assert.ok(field.every(byte => byte === 0 || byte === 0x30 || byte === 0x20));
  assert.is(Number.parseInt(archive.toString('latin1', 136, 148), 8), 0);
});

const segment = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.@ é€\u{1f600}'), minLength: 1, maxLength: 120 });
const path = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map(names => names.join('/'))
  .filter(name => relativePathProblem(name) === null);
const entries = fc
  .uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 1500 })), { selector: ([name]) => name, maxLength: 6 })
  .map(list => list.map(([name, bytes]): ArchiveEntry => ({ path: name, content: Buffer.from(bytes) })));

pack('is read back, long names and chunks of any size included', async () => {
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 2000 }), async (list, chunkSize) => {
      const sorted = [...list].sort((a, b) => (a.path < b.path ? -1 : 1));
      assert.equal(await filesOf(packBundle(list), chunkSize), sorted);
    }),
  );
});

pack('is a tar archive to others, too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tetra-tar-'));
  const long = `store/${'a'.repeat(90)}/${'b'.repeat(120)}`;
  writeFileSync(join(folder, 'archive.tar'), packBundle([entry('b/c', 'text'), entry(long)]));
  const { status, stderr } = spawnSync('tar', ['-xf', 'archive.tar'], { cwd: folder, encoding: 'utf8' });
  assert.equal([status, stderr], [0, '']);
  assert.is(readFileSync(join(folder, 'b/c'), 'utf8'), 'text');
  assert.is(statSync(join(folder, long)).mtimeMs, 0);
  rmSync(folder, { recursive: true });
});

pack.run();
