import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TetraError } from '../../lib/errors.js';
import { OrgLayout } from '../../store/layout.js';
import { type LogEntry, openLog, type PointerLog } from '../../store/log.js';

const entry = (bundle: string): LogEntry => ({
  action: 'promote',
  bundle: `${bundle.repeat(40)}-acme-dev`,
  deriver: `${bundle.repeat(40)}.drv`,
  at: '2026-01-01T00:00:00.000Z',
  by: 'ana@laptop',
});

interface Context {
  folder: string;
  log: PointerLog;
}

function logSuite(name: string) {
  const test = suite<Context>(name);
  test.before.each(async context => {
    const org = new OrgLayout(mkdtempSync(join(tmpdir(), 'tetra-log-')), 'acme');
    context.folder = org.history('dev');
    context.log = await openLog(org, 'dev');
  });
  test.after.each(({ folder }) => rmSync(join(folder, '../..'), { recursive: true }));
  return test;
}

function fill(log: PointerLog, n: number) {
  for (let i = 0; i < n; i++) log.append(entry('ab'[i % 2] as string), log.head());
}

function errorOf(run: () => unknown): TetraError {
  try {
    run();
  } catch (error) {
    if (error instanceof TetraError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const append = logSuite('append');

append('lets verdicts stand between generations without taking a number', ({ log }) => {
  fill(log, 2);
  const verdict = { ...entry('b'), action: 'verdict', of: 1, host: 'web1', outcome: 'confirmed' } as const;
  assert.is(log.append(verdict, log.head())?.generation, 2);
  assert.is(log.append(verdict, log.head())?.seq, 4);
  assert.is(log.head()?.record.action, 'promote');
  assert.is(log.append(entry('a'), log.head())?.generation, 3);
  assert.equal(
    [1, 2, 3, 4].map(generation => log.generation(generation)?.seq),
    [1, 2, 5, undefined],
  );
});

append('numbers generations from 1, without gaps', ({ log }) => {
  fill(log, 5);
  assert.equal(
    [...log.newestFirst()].map(record => record.generation),
    [5, 4, 3, 2, 1],
  );
});

append('lets one of two writers win who saw the same head', ({ log }) => {
  fill(log, 1);
  const head = log.head();
  assert.is(log.append(entry('c'), head)?.generation, 2);
  assert.is(log.append(entry('d'), head), null);
  assert.is(log.head()?.record.bundle, entry('c').bundle);
});

append('leaves nothing behind but records and the hint', ({ log, folder }) => {
  fill(log, 2);
  log.append(entry('c'), null);
  assert.equal(readdirSync(folder).sort(), ['00000001', '00000002', 'head']);
});

append('chains each record to the one before it', ({ log }) => {
  fill(log, 3);
  assert.is(log.at(3).record.previous, log.at(2).digest);
  assert.is(log.at(1).record.previous, undefined);
});

append.run();

const head = logSuite('head');

head('is null before anything was promoted', ({ log }) => {
  assert.is(log.head(), null);
});

for (const hint of ['1\n', '3\n', '5\n', '0\n', '', 'rubbish', '-1\n', '99999999999999\n']) {
  head(`is found whatever the hint says: ${JSON.stringify(hint)}`, ({ log, folder }) => {
    fill(log, 5);
    writeFileSync(join(folder, 'head'), hint);
    assert.is(log.head()?.record.generation, 5);
  });
}

head('is refused where the hint proves that a record was lost', ({ log, folder }) => {
  fill(log, 5);
  rmSync(join(folder, '00000005'));
  assert.is(errorOf(() => log.head()).code, 'log-damaged');
});

head('is found without a hint', ({ log, folder }) => {
  fill(log, 3);
  rmSync(join(folder, 'head'));
  assert.is(log.head()?.record.generation, 3);
});

head.run();

const at = logSuite('at');

const damages: [string, (text: string) => string][] = [
  ['a torn record', text => text.slice(0, 60)],
  ['an empty record', () => ''],
  ['a flipped character', text => text.replace('ana@', 'bob@')],
  ['another checksum', text => text.replace(/^xxh64:./, 'xxh64:z')],
  ['a record that belongs elsewhere', text => text],
];

at('refuses a record of another environment', ({ log, folder }) => {
  log.append({ ...entry('a'), bundle: `${'a'.repeat(40)}-acme-prod` }, null);
  assert.match(errorOf(() => log.head()).message, 'belongs to another environment');
  assert.ok(readdirSync(folder).includes('00000001'));
});

for (const [what, change] of damages) {
  at(`refuses ${what}, and names the file and the next command`, ({ log, folder }) => {
    fill(log, 2);
    const text = readFileSync(join(folder, '00000001'), 'utf8');
    rmSync(join(folder, '00000002'));
    writeFileSync(join(folder, '00000002'), change(text));
    const error = errorOf(() => log.head());
    assert.is(error.code, 'log-damaged');
    assert.match(error.message, '00000002');
    assert.is(error.hint, 'tsm store verify');
  });
}

at.run();

const generation = logSuite('generation');

generation('finds every generation, and none that does not exist', ({ log }) => {
  fill(log, 9);
  for (let n = 1; n <= 9; n++) assert.is(log.generation(n)?.generation, n);
  for (const n of [0, -1, 10, 1000]) assert.is(log.generation(n), undefined);
});

generation.run();

const lines = logSuite('lines');

lines('hands out the files of the records from a number on, oldest first', ({ log, folder }) => {
  fill(log, 3);
  const texts = ['00000001', '00000002', '00000003'].map(name => readFileSync(join(folder, name), 'utf8'));
  assert.equal(log.lines(1), texts);
  assert.equal(log.lines(3), texts.slice(2));
  assert.equal(log.lines(4), []);
});

lines('are refused where one is not what was written', ({ log, folder }) => {
  fill(log, 3);
  rmSync(join(folder, '00000002'));
  assert.is(errorOf(() => log.lines(1)).code, 'log-damaged');
  assert.is(log.lines(3).length, 1);
});

lines.run();
