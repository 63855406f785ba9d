import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { removeBundle } from '../../store/bundles.js';
import { edit, Sandbox, withSetting } from '../support/sandbox.js';

interface Context {
  box: Sandbox;
  /** Promotes a source that differs from those before. */
  promote: (n: number) => void;
}

const test = suite<Context>('org rollback');

test.before.each(context => {
  const box = new Sandbox();
  const source = box.org('acme');
  context.box = box;
  context.promote = n => {
    edit(source, text => withSetting(text, n));
    box.json('org', 'promote', '@dev', '-m', `setting ${n}`);
  };
});
test.after.each(({ box }) => box.remove());

const current = (box: Sandbox) => box.json('org', 'history', '@dev').generations[0];

test('goes to a generation by its number, as a generation of its own', ({ box, promote }) => {
  for (const n of [1, 2, 3]) promote(n);
  const { generation, of, changed } = box.json('org', 'rollback', '@dev', '1', '-m', 'too slow');
  assert.equal([generation, of, changed], [4, 1, true]);
  const { action, message, bundle } = current(box);
  const [, , , first] = box.json('org', 'history', '@dev').generations;
  assert.equal([action, message, bundle], ['rollback', 'too slow', first.bundle]);
});

test('does nothing where it is told how to activate, but not to do so', ({ box, promote }) => {
  for (const n of [1, 2]) promote(n);
  const { code, stderr } = box.run('org', 'rollback', '@dev', '--soak', '3');
  assert.is(code, 64);
  assert.match(stderr, 'tsm org rollback @dev --activate');
  assert.is(current(box).generation, 2);
});

test('without a number goes to what was wanted before, and further back each time', ({ box, promote }) => {
  for (const n of [1, 2, 3]) promote(n);
  assert.is(box.json('org', 'rollback', '@dev').of, 2);
  assert.is(box.json('org', 'rollback', '@dev').of, 1);
  const { code, stderr } = box.run('org', 'rollback', '@dev');
  assert.is(code, 1);
  assert.match(stderr, /nothing else was wanted before[\s\S]*tsm org history @dev/);
});

test('after a bad change, a rollback and another change, goes to the good one', ({ box, promote }) => {
  promote(1);
  const good = current(box).bundle;
  promote(2);
  box.json('org', 'rollback', '@dev');
  promote(3);
  assert.is(box.json('org', 'rollback', '@dev').bundle, good);
});

test('to where it already is changes nothing', ({ box, promote }) => {
  for (const n of [1, 2]) promote(n);
  const { generation, changed } = box.json('org', 'rollback', '@dev', '2');
  assert.equal([generation, changed], [2, false]);
  box.json('org', 'rollback', '@dev', '1');
  assert.is(box.json('org', 'rollback', '@dev', '1').changed, false);
  assert.is(current(box).generation, 3);
});

test('needs no local.toml', ({ box, promote }) => {
  for (const n of [1, 2]) promote(n);
  edit(box.layout.org('acme').source, () => 'this is not TOML');
  assert.is(box.json('org', 'rollback', '@dev').changed, true);
});

test('with --dry-run says where it would go, and writes nothing', ({ box, promote }) => {
  for (const n of [1, 2]) promote(n);
  const { generation, of, dryRun } = box.json('org', 'rollback', '@dev', '--dry-run');
  assert.equal([generation, of, dryRun], [3, 1, true]);
  assert.is(current(box).generation, 2);
});

test('says that there is no history, no such generation, no bundle any more', ({ box, promote }) => {
  assert.match(box.run('org', 'rollback', '@dev').stderr, /acme dev was never promoted\n {2}-> tsm org promote @dev/);
  for (const n of [1, 2]) promote(n);
  const missing = box.run('org', 'rollback', '@dev', '99');
  assert.equal([missing.code, /no generation 99; the newest is 2/.test(missing.stderr)], [64, true]);
  const first = box.json('org', 'history', '@dev').generations[1];
  removeBundle(box.layout.object(first.bundle));
  const gone = box.run('org', 'rollback', '@dev', '1');
  assert.is(gone.code, 1);
  assert.match(gone.stderr, /is gone from the store\n {2}-> tsm org history @dev/);
  assert.is(current(box).generation, 2);
});

test('leaves what was edited by hand alone where it cannot go on', ({ box, promote }) => {
  for (const n of [1, 2]) promote(n);
  const first = box.json('org', 'history', '@dev').generations[1];
  removeBundle(box.layout.object(first.bundle));
  const pointer = box.layout.org('acme').pointer('dev');
  rmSync(pointer);
  writeFileSync(pointer, 'by hand');
  assert.is(box.run('org', 'rollback', '@dev', '1', '--discard').code, 1);
  assert.is(readFileSync(pointer, 'utf8'), 'by hand');
  assert.is(box.run('org', 'rollback', '@dev', '1', '--dry-run').code, 1);
});

test('says in JSON what is unmet, and where a file was set aside', ({ box, promote }) => {
  for (const n of [1, 2]) promote(n);
  const pointer = box.layout.org('acme').pointer('dev');
  rmSync(pointer);
  writeFileSync(pointer, 'by hand');
  const { unmet, warnings } = box.json('org', 'rollback', '@dev', '--discard');
  assert.ok(unmet.some((item: { rule: string }) => item.rule === 'alert-command'));
  assert.match(warnings[0], 'by-hand');
});

test('makes the next promote say that it brings back what was rolled back', ({ box, promote }) => {
  for (const n of [1, 2]) promote(n);
  box.json('org', 'rollback', '@dev');
  const { warnings, generation } = box.json('org', 'promote', '@dev');
  assert.is(generation, 4);
  assert.match(warnings[0], 'brings it back again');
});

test.run();

const history = suite<Context>('org history');

history.before.each(test => {
  test.box = new Sandbox();
  test.box.org('acme');
});
history.after.each(({ box }) => box.remove());

history('is newest first, and marks the current generation', ({ box }) => {
  const source = box.layout.org('acme').source;
  for (const n of [1, 2, 3]) {
    edit(source, text => withSetting(text, n));
    box.json('org', 'promote', '@dev', '-m', `step ${n}`);
  }
  const { current: now, generations } = box.json('org', 'history', '@dev');
  assert.is(now, 3);
  assert.equal(
    generations.map((record: { message: string }) => record.message),
    ['step 3', 'step 2', 'step 1'],
  );
  const lines = box.run('org', 'history', '@dev').stdout.split('\n');
  assert.match(lines[1] as string, /^\* {2}3 {2}promote .* step 3$/);
  assert.is(box.json('org', 'history', '@dev', '-n', '2').generations.length, 2);
  assert.match(box.run('org', 'history', '@dev', '-n', '1').stdout, /and 2 older/);
});

history('says what to do where there is none', ({ box }) => {
  const { code, stderr } = box.run('org', 'history', '@dev');
  assert.equal([code, stderr], [1, 'error: acme dev was never promoted\n  -> tsm org promote @dev\n']);
});

history.run();
