import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogRecord } from '../../lib/history.js';
import { formatRecord, isOwn, loadChecksum, parseRecord } from '../../store/record.js';

const record: LogRecord = {
  format: 1,
  seq: 1,
  action: 'promote',
  generation: 1,
  bundle: `${'a'.repeat(40)}-my-acme-dev`,
  deriver: `${'a'.repeat(40)}.drv`,
  at: '2026-01-01T00:00:00.000Z',
  by: 'ana@laptop',
  message: 'two\nlines, and a \u2028 separator',
};

const format = suite('formatRecord');

format('writes one line, whatever the message holds', async () => {
  const line = formatRecord(record, await loadChecksum());
  assert.is(line.indexOf('\n'), line.length - 1);
});

format.run();

const parse = suite('parseRecord');

parse('gives back what was written', async () => {
  const checksum = await loadChecksum();
  assert.equal(parseRecord(formatRecord(record, checksum), checksum), record);
});

/** Each is made from a good line. */
const lineDamages: readonly (readonly [string, (line: string) => string])[] = [
  ['nothing', () => ''],
  ['a line without its end', line => line.slice(0, -1)],
  ['half a line', line => line.slice(0, 40)],
  ['a flipped character', line => line.replace('ana@', 'bob@')],
  ['two lines', line => line + line],
];

for (const [what, damage] of lineDamages)
  parse(`refuses ${what}`, async () => {
    const checksum = await loadChecksum();
    assert.is(parseRecord(damage(formatRecord(record, checksum)), checksum), null);
  });

/** Each has a good checksum. */
for (const [what, json] of [
  ['what is no JSON', '{'],
  ['what is no record', '[]'],
  ['a record over two lines', JSON.stringify(record, null, 1)],
  ['a record of another format', JSON.stringify({ ...record, format: 2 })],
] as const)
  parse(`refuses ${what}`, async () => {
    const checksum = await loadChecksum();
    assert.is(parseRecord(`xxh64:${checksum(json)} ${json}\n`, checksum), null);
  });

parse.run();

const own = suite('isOwn');

own('tells environments and organizations apart, also where one name ends like another', () => {
  assert.ok(isOwn(record, { org: 'my-acme', env: 'dev' }));
  assert.not.ok(isOwn(record, { org: 'acme', env: 'dev' }));
  assert.not.ok(isOwn(record, { org: 'my-acme', env: 'prod' }));
});

own.run();
