/**
 * Every command, killed at every system call that writes, before the call takes effect. The tracer counts each call
 * by name, so the points are (call, n) until n is higher than what the command does.
 */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfTools } from '../support/needs.js';
import { Sandbox } from '../support/sandbox.js';
import { copyOf, type Moment, momentOf, runInjected, type Scenario, scenarios } from './inject.js';
import { brokenInvariants, historiesOf } from './state.js';

const writingCalls = [
  'mkdir',
  'write',
  'fchmod',
  'chmod',
  'fsync',
  'link',
  'rename',
  'symlink',
  'unlink',
  'rmdir',
  'openat',
];

const test = suite('killed at any writing call');

for (const scenario of scenarios)
  testIfTools(
    test,
    'kill at every system call',
    'strace',
  )(`${scenario.title}: old or new, and the next command works`, async () => {
    const original = new Sandbox();
    scenario.prepare(original);
    const kills: Record<Moment, number> = { before: 0, between: 0, after: 0 };
    for (const call of writingCalls)
      for (let n = 1; ; n++) {
        const moment = await killAt(original, scenario, call, n);
        if (moment === null) break;
        kills[moment]++;
      }
    original.remove();
    console.log(
      `\n  ${scenario.title}: killed ${kills.before} times before its writes, ${kills.between} between, ${kills.after} after`,
    );
    assert.ok(kills.before > 0 && kills.between + kills.after > 5, 'does the tracer still count these calls?');
  });

test.run();

async function killAt(original: Sandbox, scenario: Scenario, call: string, n: number): Promise<Moment | null> {
  const box = copyOf(original);
  const before = await historiesOf(box.layout, 'acme');
  const { reached } = runInjected(box, scenario.command, call, n, 'signal=KILL');
  const point = `${scenario.title}, ${call} ${n}`;
  assert.equal(await brokenInvariants(box.layout, 'acme', before), [], point);
  const moment = reached ? await momentOf(original, box) : null;
  if (scenario.title === 'init' && box.run('org', 'list').stdout.startsWith('no')) box.org('acme');
  const next = box.run(...scenario.next);
  assert.is(next.code, 0, `${point}: ${next.stderr}`);
  assert.is(box.run('store', 'verify').code, 0, point);
  box.remove();
  return moment;
}
