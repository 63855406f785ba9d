import { readlinkSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { follow, readPointer } from '../../store/pointer.js';
import { Sandbox } from '../support/sandbox.js';

const name = (digit: string) => `${digit.repeat(40)}-acme-dev`;

const test = suite<{ box: Sandbox }>('pointer');

test.before.each(context => {
  context.box = new Sandbox();
  context.box.org('acme');
  context.box.run('org', 'promote', '@dev');
});
test.after.each(({ box }) => box.remove());

test('is a relative link to the env.toml of the bundle, so that the folder can be moved', ({ box }) => {
  const org = box.layout.org('acme');
  assert.match(readlinkSync(org.pointer('dev')), /^\.\.\/\.\.\/\.\.\/store\/[0-9a-f]{40}-acme-dev\/env\.toml$/);
  assert.ok(realpathSync(org.pointer('dev')).startsWith(realpathSync(box.layout.store)));
});

test('follows a head that moves while it is being set', ({ box }) => {
  const org = box.layout.org('acme');
  const heads = [name('1'), name('2'), name('3'), name('3')];
  follow(box.layout, org, 'dev', () => heads.shift() ?? name('3'));
  const pointer = readPointer(org, 'dev');
  assert.is(pointer.state === 'link' && pointer.bundle, name('3'));
});

test('is told apart from what somebody put in its place', ({ box }) => {
  const org = box.layout.org('acme');
  const put: [() => void, string][] = [
    [() => writeFileSync(org.pointer('dev'), 'a = 1'), 'foreign'],
    [() => symlinkSync('/etc/passwd', org.pointer('dev')), 'foreign'],
    [() => symlinkSync('../store/rubbish/env.toml', org.pointer('dev')), 'foreign'],
    [() => symlinkSync(`../../../store/${name('a')}/env.toml`, org.pointer('dev')), 'link'],
    [() => {}, 'missing'],
  ];
  for (const [act, state] of put) {
    rmSync(org.pointer('dev'), { force: true });
    act();
    assert.is(readPointer(org, 'dev').state, state);
  }
});

test.run();
