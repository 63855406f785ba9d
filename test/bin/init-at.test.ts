import { cpSync, lstatSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Sandbox } from '../support/sandbox.js';

const test = suite<{ box: Sandbox; repository: string }>('org init --at');

test.before.each(context => {
  context.box = new Sandbox();
  context.repository = join(context.box.home, 'repository');
});
test.after.each(({ box }) => box.remove());

test('puts the folder where it is wanted, and links it', ({ box, repository }) => {
  for (const org of ['acme', 'shop']) {
    assert.is(box.run('org', 'init', org, '--at', join(repository, org)).code, 0);
    assert.ok(lstatSync(box.layout.org(org).root).isSymbolicLink());
    box.json('org', 'promote', '@dev', '--org', org);
    assert.match(readFileSync(box.layout.org(org).pointer('dev'), 'utf8'), `org = "${org}"`);
  }
  assert.is(box.run('store', 'verify').code, 0);
});

test('links a clone of the repository, and changes nothing in it', ({ box, repository }) => {
  box.json('org', 'init', 'acme', '--at', join(repository, 'acme'));
  const other = new Sandbox();
  const clone = join(other.home, 'clone');
  cpSync(join(repository, 'acme'), clone, { recursive: true });
  const before = readFileSync(join(clone, 'environments/local.toml'), 'utf8');
  assert.is(other.json('org', 'init', 'acme', '--at', clone).created, false);
  assert.is(readFileSync(join(clone, 'environments/local.toml'), 'utf8'), before);
  assert.is(other.json('org', 'promote', '@dev').generation, 1);
  other.remove();
});

test('refuses a folder that is something else', ({ box, repository }) => {
  mkdirSync(repository);
  assert.is(box.run('org', 'init', 'acme', '--at', repository).code, 64);
  box.json('org', 'init', 'acme', '--at', join(repository, 'acme'));
  assert.is(box.run('org', 'init', 'other', '--at', join(repository, 'acme')).code, 64);
});

test('links a folder anew that was moved, and says so where it was not', ({ box, repository }) => {
  box.json('org', 'init', 'acme', '--at', join(repository, 'acme'));
  renameSync(join(repository, 'acme'), join(repository, 'moved'));
  assert.match(
    box.run('org', 'promote', '@dev', '--org', 'acme').stderr,
    /not there any more\n {2}-> tsm org init acme --at/,
  );
  assert.is(box.json('org', 'init', 'acme', '--at', join(repository, 'moved')).created, false);
  assert.is(box.json('org', 'promote', '@dev').generation, 1);
});

test('takes the usual place for the usual place', ({ box }) => {
  assert.is(box.run('org', 'init', 'acme', '--at', box.layout.org('acme').root).code, 0);
  assert.is(box.json('org', 'promote', '@dev').generation, 1);
});

test.run();
