import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Sandbox, withSetting } from '../support/sandbox.js';
import { brokenInvariants, historiesOf } from './state.js';

const test = suite('40 promotes and rollbacks at once');

test('every success has its own generation, every record is there, and most succeed', async () => {
  const box = new Sandbox();
  const source = box.org('acme');
  const template = readFileSync(source, 'utf8');
  box.json('org', 'promote', '@dev');
  const runs = Array.from({ length: 40 }, (_, i) => {
    // A new source for each, put in place in one step, as an editor does.
    writeFileSync(`${source}.new`, withSetting(template, i));
    renameSync(`${source}.new`, source);
    if (i % 4 === 3) return box.start('org', 'rollback', '@dev', '1', '--json');
    return box.start('org', 'promote', '@dev', '-m', `change ${i}`, '--json');
  });
  const results = await Promise.all(runs);
  const good = results.filter(({ code }) => code === 0).map(({ stdout }) => JSON.parse(stdout));
  for (const { code, stdout } of results) assert.ok(code === 0 || code === 75, stdout);
  assert.ok(good.length > 30, `${good.length} of 40 succeeded`);

  const taken = good.filter(({ changed }) => changed).map(({ generation }) => generation);
  assert.is(new Set(taken).size, taken.length, 'a generation was given twice');
  const { dev = [] } = await historiesOf(box.layout, 'acme');
  assert.equal(
    dev.map(record => record.generation),
    Array.from({ length: taken.length + 1 }, (_, i) => i + 1),
  );
  assert.equal(await brokenInvariants(box.layout, 'acme', {}), []);
  assert.is(box.run('store', 'verify').code, 0);
  box.remove();
});

test.run();
