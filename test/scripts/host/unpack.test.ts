import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TetraError } from '../../../lib/errors.js';
import { packBundle } from '../../../scripts/archive.js';
import { unpack } from '../../../scripts/host/unpack.js';
import { removeBundle } from '../../../store/bundles.js';
import { Chunks, rawTar } from '../../support/tar.js';

const limits = { files: 400, fileBytes: 5 << 20, bytes: 40 << 20 };

const test = suite<{ folder: string }>('unpack');

test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'tetra-unpack-'));
});
test.after.each(({ folder }) => removeBundle(folder));

const entry = (path: string, content: string | Buffer = path) => ({ path, content: Buffer.from(content) });

test('writes every file, with the modes of a bundle whatever the umask', async ({ folder }) => {
  const paths = ['chain', 'store/a/env.toml', 'store/a/systemd/b.service'];
  const umask = process.umask(0o077);
  const done = await unpack(new Chunks(packBundle(paths.map(path => entry(path)))), folder, limits);
  process.umask(umask);
  assert.equal(done, paths);
  for (const path of paths) {
    assert.is(readFileSync(join(folder, path), 'utf8'), path);
    assert.is(statSync(join(folder, path)).mode & 0o7777, 0o444);
  }
  for (const path of ['store', 'store/a', 'store/a/systemd'])
    assert.is(statSync(join(folder, path)).mode & 0o7777, 0o555);
});

test('writes more files and bytes than it holds at once', async ({ folder }) => {
  const large = Buffer.alloc(3 << 20, 'x');
  const many = Array.from({ length: 300 }, (_, i) => entry(`many/${i}`));
  await unpack(new Chunks(packBundle([...many, ...['a', 'b', 'c'].map(path => entry(path, large))])), folder, limits);
  assert.is(readdirSync(join(folder, 'many')).length, 300);
  assert.equal(readFileSync(join(folder, 'c')), large);
});

for (const [what, archive, problem] of [
  ['a file twice', rawTar({ path: 'a/b' }, { path: 'a/b' }), 'holds "a/b" twice'],
  ['a file in the place of a folder', rawTar({ path: 'a/b' }, { path: 'a' }), 'holds "a" twice'],
  ['a folder in the place of a file', rawTar({ path: 'a' }, { path: 'a/b/c' }), 'holds "a" as a file and as a folder'],
  [
    'more folders than files may be',
    rawTar(...Array.from({ length: 10 }, (_, i) => ({ path: `${i}${'/a'.repeat(45)}` }))),
    'holds more than 400 files and folders',
  ],
] as const)
  test(`refuses ${what}`, async ({ folder }) => {
    await unpack(new Chunks(archive), folder, limits).then(
      () => assert.unreachable(),
      error => {
        assert.instance(error, TetraError);
        assert.is(error.facts.problem, problem);
      },
    );
  });

test('writes nowhere else', async ({ folder }) => {
  const outside = mkdtempSync(join(tmpdir(), 'tetra-outside-'));
  for (const path of [`${outside}/a`, `../${outside.split('/').at(-1)}/a`])
    await unpack(new Chunks(rawTar({ path })), folder, limits).catch(() => {});
  assert.equal(readdirSync(outside), []);
  rmSync(outside, { recursive: true });
});

test.run();
