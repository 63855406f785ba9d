/** Records of a host's own log: whatever they have to say fits into the room that was taken for it. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatHostRecord, type HostRecord, parseHostRecord, recordRoom } from '../../../lib/host/record.js';

const record: HostRecord = {
  format: 1,
  seq: 1,
  id: '0123456789abcdef',
  outcome: 'reverted',
  generation: 7,
  bundle: 'b',
  active: null,
  before: null,
  by: 'ana@laptop',
  connection: null,
  since: '2026-01-01T00:00:00.000Z',
  at: '2026-01-01T00:00:01.000Z',
  held: [],
};

const format = suite('formatHostRecord');

for (const name of ['reason', 'noRevert', 'noGuard'] as const)
  format(`cuts a ${name} that is too long, and keeps every fact`, () => {
    const text = formatHostRecord({ ...record, [name]: '\u{1f600}é"'.repeat(3000) });
    assert.is(Buffer.byteLength(text), recordRoom);
    const { [name]: said, ...facts } = parseHostRecord(text)?.record ?? record;
    assert.match(said as string, /^.*\.\.\.$/u);
    assert.equal(facts, record);
  });

format('drops what was held where that alone is too long', () => {
  const text = formatHostRecord({ ...record, held: Array(500).fill('acme-prod-api.service') });
  assert.equal(parseHostRecord(text)?.record, record);
});

format.run();
