import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Verdict } from '../../../lib/host/activation.js';
import type { WrittenEvent } from '../../../scripts/host/events.js';
import { follow } from '../../../scripts/host/launch.js';
import { HostLayout } from '../../../scripts/host/layout.js';

const id = '0123456789abcdef';
const verdict: Verdict = { outcome: 'reverted', generation: 2, bundle: null, held: [] };
const step: WrittenEvent = { event: 'step', step: 'watch', text: '2 units', at: 700 };

const test = suite<{ root: string }>('follow');

test.before.each(context => {
  context.root = mkdtempSync(join(tmpdir(), 'tetra-follow-'));
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

/** What a client hears of an activation that is over, and what it is answered. */
async function heard(root: string, events: string, told?: Verdict) {
  const layout = new HostLayout(root);
  const environment = layout.environment('acme', 'dev');
  const activation = environment.activation(id);
  mkdirSync(activation.root, { recursive: true });
  writeFileSync(activation.events, events);
  if (told) writeFileSync(activation.verdict, `${JSON.stringify(told)}\n`);
  const lines: WrittenEvent[] = [];
  const answer = await follow(layout, environment, id, event => lines.push(event));
  return { lines, answer };
}

test('hands on every event, and ends with the verdict', async ({ root }) => {
  const last: WrittenEvent = { event: 'verdict', verdict, at: 900 };
  const { lines, answer } = await heard(root, `${JSON.stringify(step)}\n${JSON.stringify(last)}\n`);
  assert.equal([lines, answer], [[step, last], verdict]);
});

test('hands on a verdict whose event a power cut took along', async ({ root }) => {
  const torn = `${JSON.stringify(step)}\n{"event":"st{"event":"verdict"}\n`;
  const { lines, answer } = await heard(root, torn, verdict);
  assert.equal([lines, answer], [[step, { event: 'verdict', verdict, at: 700 }], verdict]);
});

test('says so where an activation ended and left no word', async ({ root }) => {
  const { lines, answer } = await heard(root, '');
  assert.is(answer.outcome, 'refused');
  assert.match(answer.reason ?? '', /left no word/);
  assert.equal(lines, [{ event: 'verdict', verdict: answer, at: 0 }]);
});

test.run();
